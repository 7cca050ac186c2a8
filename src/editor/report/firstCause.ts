import type { Cause } from '../../runs/events';
import { findingOf } from '../../runs/reduce/cells';
import type { RunState } from '../../runs/state';

/** The cause given when a tensor first was not intact, by index of model and tensor. */
export function firstCause(state: RunState, model: number, row: number): Cause | undefined {
  const found = state.models[model];
  const tensor = found?.tensors[row];
  if (found === undefined || tensor === undefined) return undefined;
  for (const { verification } of found.epochs) {
    const finding = verification === null ? undefined : findingOf(verification, tensor.name);
    if (finding?.verdict === 'moved' || finding?.verdict === 'rebased') {
      return finding.cause ?? undefined;
    }
  }
  return undefined;
}
