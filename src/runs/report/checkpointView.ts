import type { FreezeConfig } from '../../freeze/config';
import { planModel, type ModelPlan } from '../../freeze/plan';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import { bytesOf, isDtype } from '../../model/checkpoint/dtypes';
import type { ModelInfo, TensorInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';
import { checkpointFacts, formatWords } from '../words/checkpointWords';
import { formatBytes, percent } from '../words/units';
import { visibleText } from '../words/visibleText';
import { counted, formatCount } from '../words/words';
import { warningNote } from './comparisonNotes';
import { tensorView } from './reportTensor';
import type { FactView, HeadView, ModelView, ReportView, RuleView } from './reportView';

/** Shards that are named; a large model has hundreds. */
const MOST_FILES = 12;

/**
 * The report of a checkpoint that is only listed: what is in it, and what the rules make of it.
 * @param config null when there is none that can be read
 */
export function checkpointView(
  listing: CheckpointListing,
  config: FreezeConfig | null,
): ReportView {
  const rules = config?.rules ?? [];
  const plans = listing.models.map((model) => planModel(rules, model));
  return {
    kind: 'checkpoint',
    runId: visibleText(listing.source),
    head: headView(listing),
    rules: rules.map(({ text }, index) => ruleView(visibleText(text), index, plans)),
    models: listing.models.map((model, index) => modelView(model, plans[index], config !== null)),
    notes: listing.warnings.map((warning) => warningNote(warning, '')),
  };
}

function ruleView(text: string, index: number, plans: readonly ModelPlan[]): RuleView {
  const matched = plans.reduce((sum, plan) => sum + (plan.matched[index] ?? 0), 0);
  let frozen = 0;
  for (const spans of plans.flatMap((plan) => [...plan.spans.values()])) {
    if (spans.some(({ rule }) => rule === index)) frozen++;
  }
  return { text, matched, frozen };
}

function headView(listing: CheckpointListing): HeadView {
  const tensors = listing.models.flatMap((model) => model.tensors);
  const name = listing.source.split(/[\\/]/).at(-1) ?? '';
  return {
    tone: 'listed',
    headline: visibleText(name),
    detail: 'Read without running anything of it.',
    status: `${checkpointFacts(listing)} · ${counted(tensors.length, 'tensor')}`,
    running: false,
    endedBadly: false,
    movements: [],
    furtherMovements: 0,
    configError: null,
    facts: facts(listing, tensors),
  };
}

function facts(
  { source, format, files, bytes, epoch, models }: CheckpointListing,
  tensors: readonly TensorInfo[],
): readonly FactView[] {
  const statistics = tensors.filter(({ kind }) => kind === 'statistic');
  const parameters = elements(tensors) - elements(statistics);
  const all: readonly (FactView | null)[] = [
    fact('Format', formatWords(format)),
    fact('Size', formatBytes(bytes)),
    fact('Tensors', formatCount(tensors.length)),
    fact('Parameters', formatCount(parameters)),
    statistics.length === 0 ? null : fact('Statistics', formatCount(statistics.length)),
    fact('Types', typeWords(tensors)),
    epoch === null ? null : fact('Saved after epoch', formatCount(epoch)),
    models.length < 2 ? null : fact('Models', modelWords(models)),
    files.length < 2 ? null : fact('Files', fileWords(files), true),
    fact('File', visibleText(source), true),
  ];
  return all.filter((each) => each !== null);
}

function fact(label: string, text: string, code = false): FactView {
  return { label, text, code, local: false };
}

/** `float32, 44.7 MB; int64, 160 B`: largest first. */
function typeWords(tensors: readonly TensorInfo[]): string {
  const sizes = new Map<string, number>();
  for (const { dtype, shape } of tensors) {
    const size = isDtype(dtype) ? bytesOf(dtype, elementCount({ shape })) : 0;
    sizes.set(dtype, (sizes.get(dtype) ?? 0) + size);
  }
  return [...sizes]
    .sort(([, a], [, b]) => b - a)
    .map(([dtype, size]) => `${visibleText(dtype)}, ${formatBytes(size)}`)
    .join('; ');
}

function modelWords(models: readonly ModelInfo[]): string {
  const words = models.map(({ name, copyOf }) =>
    visibleText(copyOf === undefined ? name : `${name} (copy of ${copyOf})`),
  );
  return words.join(', ');
}

function fileWords(files: readonly string[]): string {
  const shown = files.slice(0, MOST_FILES).map(visibleText).join(', ');
  return files.length > MOST_FILES
    ? `${shown} and ${formatCount(files.length - MOST_FILES)} more`
    : shown;
}

function modelView(model: ModelInfo, plan: ModelPlan | undefined, ruled: boolean): ModelView {
  const { tensors } = model;
  const frozen = plan?.spans.size ?? 0;
  return {
    name: visibleText(model.name),
    className: visibleText(model.className),
    summary: summaryOf(model, plan, ruled),
    standing: ruled
      ? `${formatCount(frozen)} of ${formatCount(tensors.length)} frozen`
      : counted(tensors.length, 'tensor'),
    tone: 'listed',
    totalEpochs: null,
    tensors: tensors.map((tensor) => tensorView(tensor, plan?.spans.get(tensor.name) ?? [])),
    ...{ columns: [], problems: [], layers: [], normWarning: null, unmoved: [], charts: [] },
    ...{ ranks: [], rankNote: null, progress: null },
  };
}

/** `14 of 20 tensors frozen by the rules; 330 of 1,186 parameters train (27.8%).` */
function summaryOf({ tensors }: ModelInfo, plan: ModelPlan | undefined, ruled: boolean): string {
  if (tensors.length === 0) return 'There are no tensors in it.';
  const parameters = tensors.filter(({ kind }) => kind === 'parameter');
  const all = elements(parameters);
  if (!ruled) return `${counted(tensors.length, 'tensor')} with ${counted(all, 'parameter')}.`;
  const left = elements(parameters.filter(({ name }) => plan?.spans.has(name) !== true));
  const train =
    left === all
      ? `all ${formatCount(all)} parameters train`
      : `${formatCount(left)} of ${formatCount(all)} parameters train (${percent(left, all)})`;
  const frozen = plan?.spans.size ?? 0;
  return `${formatCount(frozen)} of ${counted(tensors.length, 'tensor')} frozen by the rules; ${train}.`;
}

function elements(tensors: readonly TensorInfo[]): number {
  return tensors.reduce((sum, tensor) => sum + elementCount(tensor), 0);
}
