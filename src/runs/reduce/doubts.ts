import { isVerified } from './cells';
import { firstFrozenEpoch, frozenCount } from './frozenCount';
import { rankDoubts, type Doubt } from './rankDoubts';
import { isAbandoned, isAwaited, missingRanks, rankWords } from './ranks';
import type { EpochState, ModelState, RankedFinding, RunState, Verification } from '../state';

type DoubtfulFinding = Extract<RankedFinding, { verdict: 'missing' | 'replaced' | 'not verified' }>;

/** Findings do not change, and the verdict over the run asks for all of them at every epoch. */
const cache = new WeakMap<Verification, readonly DoubtfulFinding[]>();

/**
 * Why a run cannot be called intact, as a sentence without a full stop; null when nothing speaks
 * against it.
 * @param over whether no more events are to be expected
 */
export function doubtOf(state: RunState, over: boolean): string | null {
  if (state.configError !== null)
    return `training was refused: ${withoutStop(state.configError.text)}`;
  const doubts = [
    ...faults(state),
    ...rankDoubts(state, over),
    ...state.models.flatMap((model) => modelDoubts(state, model, over)),
  ];
  if (doubts.length === 0 && over && somethingFrozen(state) && !somethingVerified(state)) {
    doubts.push({ text: 'the command ended before an epoch was completed', count: 1 });
  }
  if (state.garbledLines > 0) {
    const lines = state.garbledLines === 1 ? '1 line' : `${String(state.garbledLines)} lines`;
    doubts.push({ text: `${lines} of the events file could not be read`, count: 1 });
  }
  if (over && state.startedAt === 0) {
    doubts.push({ text: 'the beginning of the events file is missing', count: 1 });
  }
  const first = doubts[0];
  if (first === undefined) return null;
  const more = doubts.reduce((sum, { count }) => sum + count, -1);
  return more === 0 ? first.text : `${first.text}, and ${String(more)} more`;
}

/** Faults of the hook matter where a rule froze something, or would have. */
function faults(state: RunState): readonly Doubt[] {
  if (state.rules.length === 0 && !somethingFrozen(state)) return [];
  return state.messages
    .filter(({ code }) => code === 'hook-fault')
    .map(({ text }) => ({ text: withoutStop(text), count: 1 }));
}

function modelDoubts(state: RunState, model: ModelState, over: boolean): readonly Doubt[] {
  const of = state.models.length > 1 ? ` of ${model.name}` : '';
  if (model.epochs.length === 0) {
    return state.status === 'finished' &&
      !isAbandoned(state, model) &&
      firstFrozenEpoch(model.frozen) !== null
      ? [{ text: `no epoch${of} was completed`, count: 1 }]
      : [];
  }
  const doubts: Doubt[] = [];
  model.epochs.forEach((epoch, index) => {
    const gap = gapDoubt(model, model.epochs[index - 1], epoch, of);
    if (gap !== null) doubts.push(gap);
    doubts.push(...epochDoubts(state, model, index, over, `epoch ${String(epoch.epoch)}${of}`));
  });
  return doubts;
}

/**
 * An epoch that is missing was lost with a part of the file, unless the script itself went on at a
 * later one (`initialEpoch`).
 */
function gapDoubt(
  { frozen }: ModelState,
  before: EpochState | undefined,
  { epoch, previous }: EpochState,
  of: string,
): Doubt | null {
  if (previous === (before?.epoch ?? 0)) return null;
  const first = before === undefined ? epoch : before.epoch + 1;
  if (first === epoch || frozenCount(frozen, first) === 0) return null;
  const text =
    epoch - first === 1
      ? `epoch ${String(first)}${of} is missing from the events`
      : `epochs ${String(first)} to ${String(epoch - 1)}${of} are missing from the events`;
  return { text, count: 1 };
}

function epochDoubts(
  state: RunState,
  model: ModelState,
  index: number,
  over: boolean,
  where: string,
): readonly Doubt[] {
  const epoch = model.epochs[index];
  if (epoch === undefined) return [];
  const frozen = frozenCount(model.frozen, epoch.epoch);
  const { verification } = epoch;
  const late = frozen > 0 && !isVerified(model, epoch) && isPast(state, model, index, over);
  if (verification === null) {
    return late ? [{ text: `${where} ended without a verification`, count: 1 }] : [];
  }
  const missing = late ? missingRanks(model, epoch) : [];
  const doubts =
    missing.length === 0
      ? []
      : [{ text: `${where} was not verified on ${rankWords(missing)}`, count: 1 }];
  const findings = doubtfulFindings(verification);
  const first = findings[0];
  if (first !== undefined) {
    const on = first.ranks && model.ranks.length > 1 ? ` on ${rankWords(first.ranks)}` : '';
    return [{ text: findingText(first, `${where}${on}`), count: findings.length }, ...doubts];
  }
  const told = verification.intact + verification.findings.length;
  if (told === frozen) return doubts;
  const text = `in ${where}, ${String(told)} tensors were compared, but ${String(frozen)} were frozen`;
  return [{ text, count: 1 }, ...doubts];
}

/** Whether the verification of an epoch is overdue. A crash in an epoch ends it before that. */
function isPast(state: RunState, model: ModelState, index: number, over: boolean): boolean {
  const abandoned = isAbandoned(state, model);
  const ended = over || abandoned;
  if (index < model.epochs.length - 1) return ended || !isAwaited(model, index);
  if (state.status === 'finished' && !abandoned) return true;
  const epoch = model.epochs[index];
  return ended && epoch !== undefined && hasEnded(epoch);
}

function hasEnded({ milliseconds, verification, ranks }: EpochState): boolean {
  return (
    milliseconds !== null ||
    verification !== null ||
    Object.values(ranks).some((rank) => rank.milliseconds !== null)
  );
}

function doubtfulFindings(verification: Verification): readonly DoubtfulFinding[] {
  let findings = cache.get(verification);
  if (findings === undefined) {
    findings = verification.findings.filter(
      (finding): finding is DoubtfulFinding =>
        finding.verdict !== 'moved' && finding.verdict !== 'rebased',
    );
    cache.set(verification, findings);
  }
  return findings;
}

function findingText(finding: DoubtfulFinding, where: string): string {
  switch (finding.verdict) {
    case 'missing':
      return `${finding.name} was missing in ${where}`;
    case 'replaced':
      return `another tensor bore the name ${finding.name} in ${where}`;
    case 'not verified':
      return `${finding.name} was not compared in ${where}: ${withoutStop(finding.reason)}`;
  }
}

function somethingFrozen(state: RunState): boolean {
  return state.models.some(({ frozen, epochs }) =>
    epochs.length === 0
      ? firstFrozenEpoch(frozen) === 1
      : epochs.some(({ epoch }) => frozenCount(frozen, epoch) > 0),
  );
}

function somethingVerified(state: RunState): boolean {
  return state.models.some(({ frozen, epochs }) =>
    epochs.some(
      ({ epoch, verification }) => verification !== null && frozenCount(frozen, epoch) > 0,
    ),
  );
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
