import type { Finding } from '../events';
import { firstFrozenEpoch, frozenCount } from './frozenCount';
import type { EpochState, ModelState, RunState, Verification } from '../state';

/** Something that was frozen and cannot be called intact. */
interface Doubt {
  /** A sentence without a full stop. */
  readonly text: string;
  /** For how many tensors or epochs of one place it stands. */
  readonly count: number;
}

type DoubtfulFinding = Extract<Finding, { verdict: 'missing' | 'replaced' | 'not verified' }>;

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
    return state.status === 'finished' && firstFrozenEpoch(model.frozen) !== null
      ? [{ text: `no epoch${of} was completed`, count: 1 }]
      : [];
  }
  return model.epochs.flatMap((epoch, index) => {
    const doubts = [
      gapDoubt(model, model.epochs[index - 1], epoch, of),
      epochDoubt(state, model, epoch, over, `epoch ${String(epoch.epoch)}${of}`),
    ];
    return doubts.filter((doubt) => doubt !== null);
  });
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

function epochDoubt(
  state: RunState,
  model: ModelState,
  epoch: EpochState,
  over: boolean,
  where: string,
): Doubt | null {
  const frozen = frozenCount(model.frozen, epoch.epoch);
  const { verification } = epoch;
  if (verification === null) {
    if (frozen === 0 || !isPast(state, model, epoch, over)) return null;
    return { text: `${where} ended without a verification`, count: 1 };
  }
  const findings = doubtfulFindings(verification);
  const first = findings[0];
  if (first !== undefined) return { text: findingText(first, where), count: findings.length };
  const told = verification.intact + verification.findings.length;
  if (told === frozen) return null;
  return {
    text: `in ${where}, ${String(told)} tensors were compared, but ${String(frozen)} were frozen`,
    count: 1,
  };
}

/** Whether the verification of an epoch is overdue. A crash in an epoch ends it before that. */
function isPast(state: RunState, model: ModelState, epoch: EpochState, over: boolean): boolean {
  if (epoch !== model.epochs.at(-1) || state.status === 'finished') return true;
  return over && epoch.milliseconds !== null;
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
