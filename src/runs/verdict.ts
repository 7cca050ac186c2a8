import type { Finding } from './events';
import { firstFrozenEpoch, frozenCount } from './frozenCount';
import type { EpochState, ModelState, Movement, RunState, RunVerdict } from './state';

/** The verdict over all that a run has shown so far, worst first. */
export function runVerdict(state: RunState): RunVerdict {
  const movements = movementsOf(state);
  if (movements.length > 0) return { kind: 'moved', movements };
  const over = state.endedAt !== null || state.status === 'lost' || state.status === 'stopped';
  const reason = doubt(state, over);
  if (reason !== null) return { kind: 'not verified', reason };
  if (state.models.length === 0) return { kind: over ? 'no model' : 'pending' };
  const intact = intactOf(state.models);
  if (intact !== null) return intact;
  const everFrozen = state.models.some(({ frozen }) => firstFrozenEpoch(frozen) !== null);
  if (!everFrozen || over) return { kind: 'nothing frozen' };
  return { kind: 'pending' };
}

function movementsOf(state: RunState): readonly Movement[] {
  const movements = new Map<string, Movement>();
  for (const model of state.models) {
    for (const { epoch, verification } of model.epochs) {
      for (const finding of verification?.findings ?? []) {
        const key = JSON.stringify([model.name, finding.name]);
        if (finding.verdict !== 'moved' || movements.has(key)) continue;
        const { name, elements, maxDelta, cause = null } = finding;
        movements.set(key, { model: model.name, name, epoch, elements, maxDelta, cause });
      }
    }
  }
  return [...movements.values()];
}

/** Why the run cannot be called intact; null when nothing speaks against it. */
function doubt(state: RunState, over: boolean): string | null {
  if (state.configError !== null) return `training was refused: ${state.configError.text}`;
  for (const model of state.models) {
    for (const epoch of model.epochs) {
      const reason = epochDoubt(state, model, epoch, over);
      if (reason !== null) return reason;
    }
  }
  const fault = state.messages.find(({ code }) => code === 'hook-fault');
  if (fault !== undefined && state.rules.length > 0) return fault.text;
  if (over) {
    const idle = state.models.find(
      ({ epochs, frozen }) => epochs.length === 0 && frozenCount(frozen, 1) > 0,
    );
    if (idle !== undefined) return `no epoch of ${idle.name} was completed`;
  }
  if (state.garbledLines > 0) {
    return `${String(state.garbledLines)} lines of the events file could not be read`;
  }
  return null;
}

function epochDoubt(
  state: RunState,
  model: ModelState,
  epoch: EpochState,
  over: boolean,
): string | null {
  const { verification } = epoch;
  const where = `epoch ${String(epoch.epoch)} of ${model.name}`;
  const frozen = frozenCount(model.frozen, epoch.epoch);
  if (verification === null) {
    const past = epoch !== model.epochs.at(-1) || (over && epoch.milliseconds !== null);
    return frozen > 0 && (past || state.status === 'finished') ? `${where} was not verified` : null;
  }
  const bad = verification.findings.find(isDoubtful);
  if (bad !== undefined) return `${bad.name} in ${where}: ${reasonOf(bad)}`;
  const counted = verification.intact + verification.findings.length;
  return counted === frozen
    ? null
    : `${where}: ${String(counted)} of ${String(frozen)} frozen tensors were accounted for`;
}

function isDoubtful({ verdict }: Finding): boolean {
  return verdict === 'not verified' || verdict === 'missing' || verdict === 'replaced';
}

function reasonOf(finding: Finding): string {
  switch (finding.verdict) {
    case 'not verified':
      return finding.reason;
    case 'missing':
      return 'the tensor is missing';
    case 'replaced':
      return 'another tensor bears its name';
    case 'moved':
    case 'rebased':
      return finding.verdict;
  }
}

function intactOf(models: readonly ModelState[]): RunVerdict | null {
  let tensors = 0;
  let epochs = 0;
  for (const model of models) {
    const verified = model.epochs.filter(
      ({ epoch, verification }) => verification !== null && frozenCount(model.frozen, epoch) > 0,
    );
    if (verified.length === 0) continue;
    tensors += Math.max(...verified.map(({ epoch }) => frozenCount(model.frozen, epoch)));
    epochs = Math.max(epochs, verified.length);
  }
  return epochs === 0 ? null : { kind: 'intact', tensors, epochs };
}
