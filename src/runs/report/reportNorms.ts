import type { EpochState } from '../state';
import { visibleText } from '../words/visibleText';
import { counted } from '../words/words';

/** Names of the BatchNorm-like layers, in the order in which they appear. */
export function layersOf(epochs: readonly EpochState[]): readonly string[] {
  const layers = new Set<string>();
  for (const { verification } of epochs) {
    for (const { module } of verification?.normalization ?? []) layers.add(module);
  }
  return [...layers];
}

/**
 * The warning when layers with frozen statistics normalised with batch statistics: what they
 * computed in training is then not what they compute afterwards. Null when none did.
 */
export function normWarning(epochs: readonly EpochState[]): string | null {
  const layers = new Map<string, number>();
  for (const { epoch, verification } of epochs) {
    for (const { module, mode, frozen } of verification?.normalization ?? []) {
      if (frozen && mode !== 'running' && !layers.has(module)) layers.set(module, epoch);
    }
  }
  const [first] = layers;
  if (first === undefined) return null;
  const [module, epoch] = first;
  const others = layers.size === 1 ? '' : ` and ${counted(layers.size - 1, 'other layer')}`;
  return `${visibleText(module)}${others} normalised with batch statistics (first in epoch ${String(epoch)}) although their statistics are frozen: the layers after them trained on other values than they will see in inference.`;
}
