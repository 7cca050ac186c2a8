/** The sentences that status bar, CLI, report and Markdown share. */
import type { Cause, Finding } from './events';
import type { EpochState, ModelState, Movement, RunState } from './state';

const number = new Intl.NumberFormat('en');

/** `1,234`. */
export function formatCount(count: number): string {
  return number.format(count);
}

/** `1 tensor`, `2 tensors`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A difference of values, in two digits: `1.0e-7`. */
export function formatDelta(delta: number | 'NaN' | 'Infinity'): string {
  return typeof delta === 'string' ? delta : delta.toExponential(1);
}

/** The verdict over the run as one sentence: "14 frozen tensors intact over 10 epochs." */
export function verdictSentence(state: RunState): string {
  const { verdict } = state;
  switch (verdict.kind) {
    case 'moved':
      return `${counted(verdict.movements.length, 'frozen tensor')} moved: ${list(verdict.movements.map(movementText))}.`;
    case 'not verified':
      return `Not verified: ${verdict.reason}.`;
    case 'intact':
      return `${counted(verdict.tensors, 'frozen tensor')} intact over ${counted(verdict.epochs, 'epoch')}.`;
    case 'nothing frozen':
      return 'Nothing was frozen.';
    case 'no model':
      return 'No model was seen: the command did not train with TensorFlow.js.';
    case 'pending':
      return 'Nothing has been verified yet.';
  }
}

/** One epoch's verdict on a line: "epoch 2/10: 14 frozen intact". */
export function epochLine(model: ModelState, epoch: EpochState): string {
  const of = model.totalEpochs === null ? '' : `/${String(model.totalEpochs)}`;
  return `epoch ${String(epoch.epoch)}${of}: ${epochVerdict(epoch)}`;
}

/** What fits the status bar: "2/10 · 14 frozen intact". */
export function statusText(state: RunState): string {
  const model = state.models.at(-1);
  const epoch = model?.epochs.at(-1);
  const of = model?.totalEpochs ? `/${String(model.totalEpochs)}` : '';
  const place = epoch === undefined ? state.status : `${String(epoch.epoch)}${of}`;
  return `${place} · ${shortVerdict(state)}`;
}

function shortVerdict({ verdict }: RunState): string {
  switch (verdict.kind) {
    case 'moved':
      return verdict.movements.length === 1
        ? `${verdict.movements[0]?.name ?? ''} moved`
        : `${formatCount(verdict.movements.length)} frozen moved`;
    case 'intact':
      return `${formatCount(verdict.tensors)} frozen intact`;
    case 'no model':
      return 'no model seen';
    case 'not verified':
    case 'nothing frozen':
    case 'pending':
      return verdict.kind;
  }
}

function epochVerdict({ verification }: EpochState): string {
  if (verification === null) return 'not verified';
  if (verification.findings.length === 0) {
    return verification.intact === 0
      ? 'nothing frozen'
      : `${formatCount(verification.intact)} frozen intact`;
  }
  return list(verification.findings.map(findingText));
}

function findingText(finding: Finding): string {
  switch (finding.verdict) {
    case 'moved':
      return `${finding.name} moved${details(finding)}`;
    case 'rebased':
      return `${finding.name} rebased (${finding.cause.text})`;
    case 'replaced':
    case 'missing':
      return `${finding.name} ${finding.verdict}`;
    case 'not verified':
      return `${finding.name} not verified (${finding.reason})`;
  }
}

function movementText(movement: Movement): string {
  return `${movement.name} in epoch ${String(movement.epoch)}${details(movement)}`;
}

function details(moved: {
  readonly elements: number | null;
  readonly maxDelta: number | 'NaN' | 'Infinity' | null;
  readonly cause?: Cause | null | undefined;
}): string {
  const size =
    moved.elements === null || moved.maxDelta === null
      ? []
      : [`${counted(moved.elements, 'element')}, max |Δ| ${formatDelta(moved.maxDelta)}`];
  const parts = [...size, ...(moved.cause ? [causeText(moved.cause)] : [])];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** The cause of a movement with its place in the script: "assign() was called at train.js:31". */
export function causeText(cause: Cause): string {
  if (cause.file === undefined) return cause.text;
  return `${cause.text} at ${cause.file}${cause.line === undefined ? '' : `:${String(cause.line)}`}`;
}

function list(parts: readonly string[], most = 5): string {
  const shown = parts.slice(0, most).join('; ');
  return parts.length <= most ? shown : `${shown} and ${formatCount(parts.length - most)} more`;
}
