import { wordOf } from './reportFinding';
import { worstCells, WORST_FIRST } from './reportSummary';
import type { CellLetter, ModelView } from './reportView';
import { formatCount } from '../words/words';

/** Frozen tensors below one part of a model, together. */
export interface FrozenGroup {
  readonly name: string;
  readonly tensors: number;
  readonly elements: number;
  /** `intact`, or what else was found: `1 moved, 3 intact`. */
  readonly verdict: string;
}

/**
 * The frozen tensors of a model by layer, or by the outer parts of its hierarchy when there would
 * be more than `most` groups.
 */
export function frozenGroups(model: ModelView, most: number): readonly FrozenGroup[] {
  const worst = worstCells(model.tensors.length, model.columns);
  const frozen = model.tensors.flatMap((tensor, row) =>
    tensor.frozen === '' ? [] : [{ ...tensor, worst: worst[row] ?? 'n' }],
  );
  const deepest = Math.max(1, ...frozen.map(({ module }) => partsOf(module).length));
  for (let depth = deepest; ; depth--) {
    const groups = groupBy(frozen, ({ module }) => prefix(module, depth));
    if (groups.size > most && depth > 1) continue;
    return [...groups].map(([name, members]) => ({
      name,
      tensors: members.length,
      elements: members.reduce((sum, { elements }) => sum + elements, 0),
      verdict: verdictOf(members.map((member) => member.worst)),
    }));
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

function partsOf(module: string): readonly string[] {
  return module.split(/(?=[./])/);
}

function prefix(module: string, depth: number): string {
  const parts = partsOf(module);
  if (module === '') return '(no layer)';
  return parts.length <= depth ? module : `${parts.slice(0, depth).join('')}…`;
}

function verdictOf(letters: readonly CellLetter[]): string {
  const present = WORST_FIRST.filter((letter) => letters.includes(letter));
  const [only] = present;
  if (present.length === 1 && only !== undefined) return wordOf(only);
  return present
    .map((letter) => {
      const count = letters.filter((each) => each === letter).length;
      return `${formatCount(count)} ${wordOf(letter)}`;
    })
    .join(', ');
}
