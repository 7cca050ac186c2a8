import type { Finding } from '../events';
import { isFrozenAt } from '../../freeze/spans';
import { frozenCount } from './frozenCount';
import { isAwaited, missingRanks } from './ranks';
import type { Cell, EpochState, ModelState, Verification } from '../state';

/** A table asks for every tensor of every epoch: a search per cell would be quadratic. */
const cache = new WeakMap<Verification, ReadonlyMap<string, Finding>>();

/** What was found of the tensor `name` (its primary name) in a verification; undefined when intact. */
export function findingOf(verification: Verification, name: string): Finding | undefined {
  let byName = cache.get(verification);
  if (byName === undefined) {
    byName = new Map(verification.findings.map((finding) => [finding.name, finding]));
    cache.set(verification, byName);
  }
  return byName.get(name);
}

/** Whether a verification accounts for each tensor that was frozen in its epoch, on each rank. */
export function addsUp(model: ModelState, epoch: EpochState): boolean {
  const { verification } = epoch;
  return (
    isVerified(model, epoch) &&
    verification !== null &&
    verification.intact + verification.findings.length === frozenCount(model.frozen, epoch.epoch)
  );
}

/** Whether an epoch was verified, on each rank that trains the model. */
export function isVerified(model: ModelState, epoch: EpochState): boolean {
  return epoch.verification !== null && missingRanks(model, epoch).length === 0;
}

/** What the report's table shows of one tensor, by its primary name, at one epoch of its model. */
export function cellOf(model: ModelState, tensor: string, epoch: EpochState): Cell {
  const { verification } = epoch;
  const finding = verification === null ? undefined : findingOf(verification, tensor);
  if (finding !== undefined) return finding.verdict;
  if (!isFrozenAt(model.frozen[tensor], epoch.epoch)) return 'trainable';
  if (isVerified(model, epoch)) return addsUp(model, epoch) ? 'intact' : 'not verified';
  return isAwaited(model, model.epochs.lastIndexOf(epoch)) ? 'pending' : 'not verified';
}
