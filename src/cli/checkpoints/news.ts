import type { ComparedModel, ComparedTensor, Expectation } from '../../model/compare/comparison';
import { formatCount } from '../../runs/words/words';

/** Whether a tensor was not simply equal in all files. */
export function isNews({ pairs }: ComparedTensor): boolean {
  return pairs.some(({ verdict }) => verdict.kind !== 'equal');
}

/** The words for tensors that are equal throughout, by the worst that was expected of them. */
const EQUAL: readonly (readonly [Expectation, string])[] = [
  ['frozen', 'frozen and intact'],
  ['partly', 'frozen for a part of the time, and equal'],
  ['trainable', 'trainable, but did not move'],
  ['unknown', 'equal'],
];

/** How many tensors are equal, in place of their rows. */
export function countLines({ tensors }: ComparedModel): readonly string[] {
  const counts = new Map<Expectation, number>();
  for (const tensor of tensors) {
    const kind = EQUAL.find(([kind]) =>
      tensor.pairs.some(({ expected }) => expected === kind),
    )?.[0];
    if (kind !== undefined && !isNews(tensor)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return EQUAL.flatMap(([kind, what]) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [`  ${formatCount(count)} ${what} (--all lists them)`];
  });
}
