/** The sentences that status bar, CLI, report, Markdown and HTML share. */
import { isVerified } from '../reduce/cells';
import { frozenCount } from '../reduce/frozenCount';
import {
  disagreeingRanks,
  distinctModels,
  lastAttempt,
  missingRanks,
  nameInAnyAttempt,
  rankWords,
} from '../reduce/ranks';
import type { EpochState, ModelState, Movement, RunState } from '../state';
import { describeFinding, movementDetails, onRanks } from './findingWords';
import { lossWords } from './lossWords';
import { cutList, counted, formatCount } from './numberWords';

export { causeText } from './findingWords';
export { counted, formatCount, formatDelta } from './numberWords';

/** How many tensors a sentence names. */
const NAMED = 5;

/**
 * The verdict over the run as one sentence: "14 frozen tensors intact over 10 epochs." What
 * limits it (an epoch cut short, a tensor that the script loaded anew) stands in the sentence too.
 */
export function verdictSentence(state: RunState): string {
  const { verdict } = state;
  switch (verdict.kind) {
    case 'moved': {
      const moved = verdict.movements.map((movement) => movementText(state, movement));
      const what = `${counted(moved.length, 'frozen tensor')} moved: ${cutList(moved, NAMED)}`;
      return sentence([what, ...endClauses(state)]);
    }
    case 'not verified':
      return sentence([`Not verified: ${verdict.reason}`, ...endClauses(state)]);
    case 'intact': {
      const tensors = counted(verdict.tensors, 'frozen tensor');
      const models = new Set(state.models.filter(hasVerifiedFrozen).map(nameInAnyAttempt)).size;
      const of = models > 1 ? ` of ${counted(models, 'model')}` : '';
      const ranks = Math.max(0, ...state.models.map((model) => model.ranks.length));
      const on = ranks > 1 ? ` on ${counted(ranks, 'rank')}` : '';
      const what = `${tensors}${of} intact over ${counted(verdict.epochs, 'epoch')}${on}`;
      return sentence([
        `${what}${lossWords(state)}`,
        ...rankClauses(state),
        ...rebasedClauses(state),
        ...batchNormClauses(state),
        ...endClauses(state),
      ]);
    }
    case 'nothing frozen': {
      const why =
        state.rules.length === 0
          ? 'there are no rules'
          : 'no rule froze a tensor in the epochs that ran';
      return sentence([`Nothing was frozen: ${why}`, ...endClauses(state)]);
    }
    case 'no model':
      return sentence([`No model was seen: ${noModelReason(state)}`, ...endClauses(state)]);
    case 'pending':
      return state.models.length === 0
        ? 'No model has been seen yet.'
        : 'No epoch has been verified yet.';
  }
}

/** One epoch's verdict on a line: "epoch 2/10: 14 frozen intact". */
export function epochLine(model: ModelState, epoch: EpochState): string {
  return `epoch ${place(model, epoch)}: ${epochVerdict(model, epoch)}`;
}

/** What fits the status bar: "2/10 · 14 frozen intact"; behind it what went badly in the run. */
export function statusText(state: RunState): string {
  const model = activeModel(state.models);
  const epoch = model?.epochs.at(-1);
  const parts = [
    ...(model === undefined || epoch === undefined ? [] : [place(model, epoch)]),
    shortVerdict(state),
    ...(lossWords(state) === '' ? [] : ['loss not finite']),
    ...(BAD_ENDS.has(state.status) ? [state.status] : []),
  ];
  return parts.join(' · ');
}

const BAD_ENDS: ReadonlySet<RunState['status']> = new Set([
  'failed',
  'cancelled',
  'stopped',
  'lost',
]);

/** The model whose epoch began last: of several that train, the one at work. */
function activeModel(models: readonly ModelState[]): ModelState | undefined {
  let active = models.at(-1);
  for (const model of models) {
    if (startOf(model) > (active === undefined ? 0 : startOf(active))) active = model;
  }
  return active;
}

function startOf({ epochs }: ModelState): number {
  return epochs.at(-1)?.startedAt ?? 0;
}

function shortVerdict({ verdict, models, status }: RunState): string {
  switch (verdict.kind) {
    case 'moved':
      return verdict.movements.length === 1
        ? `${verdict.movements[0]?.name ?? '1 frozen'} moved`
        : `${formatCount(verdict.movements.length)} frozen moved`;
    case 'intact':
      return `${formatCount(verdict.tensors)} frozen intact`;
    case 'no model':
      return 'no model seen';
    case 'not verified':
    case 'nothing frozen':
      return verdict.kind;
    case 'pending': {
      const frozen = distinctModels(models).reduce(
        (sum, model) => sum + frozenCount(model.frozen, 1),
        0,
      );
      return frozen === 0 ? status : `${formatCount(frozen)} frozen`;
    }
  }
}

function place(model: ModelState, { epoch }: EpochState): string {
  const total = model.totalEpochs;
  return total === null ? formatCount(epoch) : `${formatCount(epoch)}/${formatCount(total)}`;
}

function epochVerdict(model: ModelState, epoch: EpochState): string {
  const { verification } = epoch;
  const frozen = frozenCount(model.frozen, epoch.epoch);
  if (verification === null) {
    return frozen === 0 ? 'nothing frozen' : `${formatCount(frozen)} frozen, not verified`;
  }
  const { findings, intact } = verification;
  const several = model.ranks.length > 1;
  const found = findings.map((finding) => describeFinding(finding, several));
  const missing = missingRanks(model, epoch);
  const told = intact + findings.length;
  if (told !== frozen) {
    const what = `not verified (${formatCount(told)} compared, but ${formatCount(frozen)} frozen)`;
    return [...found.slice(0, NAMED), what, ...missingParts(missing)].join('; ');
  }
  const verified = model.ranks.length - missing.length;
  const on = several && frozen > 0 ? ` on ${counted(verified, 'rank')}` : '';
  const parts =
    found.length === 0
      ? [intact === 0 ? 'nothing frozen' : `${formatCount(intact)} frozen intact${on}`]
      : [cutList(found, NAMED), `${formatCount(intact)} intact`];
  return [
    ...parts,
    ...(frozen === 0 ? [] : missingParts(missing)),
    ...disagreementParts(disagreeingRanks(epoch)),
    ...batchNormParts(batchModules(epoch)),
  ].join('; ');
}

function missingParts(ranks: readonly number[]): readonly string[] {
  return ranks.length === 0 ? [] : [`not verified on ${rankWords(ranks)}`];
}

function disagreementParts(ranks: readonly number[]): readonly string[] {
  return ranks.length === 0 ? [] : [`${rankWords(ranks)} hold different values of frozen tensors`];
}

/** Ranks that hold other values than their neighbours may be meant so, and are told. */
function rankClauses({ models }: RunState): readonly string[] {
  const epochs = models.flatMap((model) => model.epochs);
  const first = epochs.map(disagreeingRanks).find((ranks) => ranks.length > 0);
  return disagreementParts(first ?? []);
}

function movementText(state: RunState, movement: Movement): string {
  const of = state.models.length > 1 ? ` of ${movement.model}` : '';
  const model = state.models.find(({ name }) => name === movement.model);
  const on = (model?.ranks.length ?? 0) > 1 ? onRanks(movement.ranks) : '';
  return `${movement.name}${of} in epoch ${formatCount(movement.epoch)}${on}${movementDetails(movement)}`;
}

function hasVerifiedFrozen(model: ModelState): boolean {
  return model.epochs.some(
    (epoch) => isVerified(model, epoch) && frozenCount(model.frozen, epoch.epoch) > 0,
  );
}

/** A tensor that the script loaded or cast anew has another reference since then. */
function rebasedClauses(state: RunState): readonly string[] {
  const names = new Set<string>();
  for (const { epochs } of state.models) {
    for (const { verification } of epochs) {
      for (const { name, verdict } of verification?.findings ?? []) {
        if (verdict === 'rebased') names.add(name);
      }
    }
  }
  if (names.size === 0) return [];
  return [
    `the script itself set ${cutList([...names], NAMED, ', ')} anew, compared with that since`,
  ];
}

function batchNormClauses(state: RunState): readonly string[] {
  const modules = new Set(
    state.models.flatMap(({ epochs }) => epochs.flatMap((epoch) => batchModules(epoch))),
  );
  return batchNormParts([...modules]);
}

/** Frozen statistics that the layer did not use, or not always. */
function batchModules({ verification }: EpochState): readonly string[] {
  return (verification?.normalization ?? [])
    .filter(({ mode, frozen }) => frozen && mode !== 'running')
    .map(({ module }) => module);
}

function batchNormParts(modules: readonly string[]): readonly string[] {
  if (modules.length === 0) return [];
  return [`${cutList(modules, NAMED, ', ')} normalised with batch statistics although frozen`];
}

/** What the end of the run takes from its verdict, as clauses: `the command failed (exit code 1)`. */
export function endClauses(state: RunState): readonly string[] {
  return [...attemptClauses(state), ...lastClauses(state)];
}

/** Elastic training starts all ranks anew after one of them has died. */
function attemptClauses(state: RunState): readonly string[] {
  const attempt = lastAttempt(state);
  return attempt === 1 ? [] : [`training was started again (attempt ${formatCount(attempt)})`];
}

function lastClauses(state: RunState): readonly string[] {
  const unfinished = activeModel(state.models)?.epochs.at(-1);
  const where =
    unfinished === undefined || unfinished.milliseconds !== null || unfinished.verification !== null
      ? ''
      : ` in epoch ${formatCount(unfinished.epoch)}, which was not verified`;
  switch (state.status) {
    case 'failed':
      return [`the command failed (${failure(state)})${where}`];
    case 'cancelled':
      return [`the run was cancelled${where}`];
    case 'lost':
      return [`the command was killed or its end was not seen${where}`];
    case 'stopped':
      return state.verdict.kind === 'moved' ? ['training was stopped'] : [];
    case 'starting':
    case 'training':
    case 'finished':
      return [];
  }
}

function failure({ exitCode, signal }: RunState): string {
  if (signal !== null) return signal;
  return exitCode === null ? 'exit code unknown' : `exit code ${String(exitCode)}`;
}

function noModelReason({ engine, processes }: RunState): string {
  if (engine !== null) return `the command loaded ${engine.package}, but trained nothing`;
  // The Python hook tells its engine only once a model is about to train.
  return processes.some(({ runtime }) => runtime.startsWith('python'))
    ? 'the command loaded PyTorch, but trained nothing'
    : 'the command loaded neither PyTorch nor TensorFlow.js';
}

function sentence(clauses: readonly string[]): string {
  return `${clauses.join('; ')}.`;
}
