import { isAbsolute } from 'node:path';
import type { ComparedFile, Comparison, ComparisonVerdict } from '../../model/compare/comparison';
import { comparisonVerdict } from '../../model/compare/verdict';
import { checkpointFacts, formatWords } from '../words/checkpointWords';
import { comparisonCost, comparisonSentence } from '../words/comparisonWords';
import { sentence } from '../words/sentence';
import { formatBytes } from '../words/units';
import { visibleText } from '../words/visibleText';
import { counted, formatCount } from '../words/words';
import { countWords, type FileNames } from './comparisonColumns';
import { worstCells } from './reportSummary';
import type { FactView, HeadView, ModelView, MovementView } from './reportView';

const MOST_MOVEMENTS = 100;

/** The top of the report on compared checkpoints. */
export function comparisonHead(
  comparison: Comparison,
  models: readonly ModelView[],
  files: FileNames,
): HeadView {
  const verdict = comparisonVerdict(comparison);
  const [headline, basis] = split(comparisonSentence(verdict).replace(/\.$/, ''));
  const movements = models.flatMap(movementViews).slice(0, MOST_MOVEMENTS);
  const moved = verdict.kind === 'moved' ? verdict.tensors : 0;
  return {
    // A verdict over a comparison is called as its tone.
    tone: verdict.kind,
    headline: visibleText(headline),
    detail: [sentence(visibleText(basis)), othersWords(verdict, models)].join(' ').trim(),
    status: statusWords(comparison, files),
    running: false,
    endedBadly: false,
    movements,
    furtherMovements: moved - movements.length,
    configError: null,
    facts: facts(comparison, files),
  };
}

function split(text: string): readonly [string, string] {
  const at = text.search(/, |: /);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 2)];
}

/** The cells that a verdict speaks of. */
const SPOKEN: Readonly<Partial<Record<ComparisonVerdict['kind'], string>>> = {
  moved: 'ms',
  'not verified': 'n',
  intact: 'i',
};

/** What became of the others: `23 other frozen tensors are intact. Of the others: 38 changed.` */
function othersWords({ kind }: ComparisonVerdict, models: readonly ModelView[]): string {
  if (kind === 'equal') return '';
  const spoken = SPOKEN[kind] ?? '';
  const others = models
    .flatMap(({ tensors, columns }) => worstCells(tensors.length, columns))
    .filter((letter) => !spoken.includes(letter));
  const intact = others.filter((letter) => letter === 'i').length;
  const rest = countWords(others.filter((letter) => letter !== 'i'));
  const begin = spoken === '' ? '' : 'Of the others: ';
  return [
    intact === 0
      ? ''
      : `${counted(intact, 'other frozen tensor')} ${intact === 1 ? 'is' : 'are'} intact.`,
    rest === '' ? '' : `${begin}${rest}.`,
  ]
    .join(' ')
    .trim();
}

/** `start.pt → end.pt`; `12 checkpoints, epochs 1 to 12`. */
function statusWords({ files }: Comparison, { names, epochs, told }: FileNames): string {
  const first = names[0] ?? '';
  const last = names.at(-1) ?? '';
  if (files.length === 2) return `${first} → ${last}`;
  const from = told ? `epochs ${String(epochs[0])}` : first;
  return `${counted(files.length, 'checkpoint')}, ${from} to ${told ? String(epochs.at(-1)) : last}, each compared with the one before it`;
}

function facts(comparison: Comparison, { names }: FileNames): readonly FactView[] {
  const { files, config, models } = comparison;
  const tensors = models.reduce((sum, model) => sum + model.tensors.length, 0);
  const first = files[0];
  const last = files.at(-1);
  const several = files.length > 2;
  const all: readonly (FactView | null)[] = [
    first === undefined ? null : fact(several ? 'First' : 'Before', fileWords(first, names[0])),
    last === undefined ? null : fact(several ? 'Last' : 'After', fileWords(last, names.at(-1))),
    several ? fact('Files', filesWords(files)) : null,
    fact('Tensors', formatCount(tensors)),
    fact('Compared', comparisonCost(comparison)),
    config === null ? null : fact('Rules', visibleText(config.file), true),
    config === null || config.typesFrom === null
      ? null
      : fact('Classes of layers', `as ${visibleText(config.typesFrom)} had them`),
    ...files.flatMap((file, at) => pathFact(file, names[at] ?? '')),
  ];
  return all.filter((each) => each !== null);
}

function fact(label: string, text: string, code = false): FactView {
  return { label, text, code, local: false };
}

function fileWords(file: ComparedFile, name = ''): string {
  return `${name}: ${checkpointFacts(file)}`;
}

function filesWords(files: readonly ComparedFile[]): string {
  const formats = [...new Set(files.map(({ format }) => formatWords(format)))].join(', ');
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${formatCount(files.length)}, ${formats}, ${formatBytes(bytes)}`;
}

/** Where a file lies, as far as its name does not tell. */
function pathFact({ path }: ComparedFile, name: string): readonly FactView[] {
  const shown = visibleText(path);
  if (shown === name) return [];
  return [{ label: name, text: shown, code: true, local: isAbsolute(path) }];
}

function movementViews(model: ModelView, index: number): readonly MovementView[] {
  return model.problems
    .filter(({ letter }) => letter === 'm' || letter === 's')
    .map(({ row, when, text }) => ({
      ...{ model: index, row, modelName: model.name, name: model.tensors[row]?.name ?? '' },
      ...{ when, size: text, cause: '', source: '', ranks: '' },
    }));
}
