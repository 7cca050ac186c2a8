import { distance } from 'fastest-levenshtein';

/** The known key or value that was most likely meant; undefined when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const [best] = nearestNames(word, known, 1);
  if (best === undefined) return undefined;
  const edits = distance(word.toLowerCase(), best.toLowerCase());
  return edits <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

/**
 * Up to `count` of the names, the nearest by Levenshtein distance (case ignored) first; of equally
 * near ones the first.
 */
export function nearestNames(word: string, names: readonly string[], count: number): string[] {
  const lower = word.toLowerCase();
  const lowered = names.map((name) => name.toLowerCase());
  // The lengths alone make at least so many edits: most of 100,000 names need no look.
  const byGap = new Map<number, number[]>();
  lowered.forEach((name, index) => {
    const gap = Math.abs(name.length - lower.length);
    const known = byGap.get(gap);
    if (known) known.push(index);
    else byGap.set(gap, [index]);
  });
  let best: { readonly index: number; readonly edits: number }[] = [];
  for (const gap of [...byGap.keys()].sort((a, b) => a - b)) {
    if (gap > (best[count - 1]?.edits ?? Infinity)) break;
    const found = (byGap.get(gap) ?? []).map((index) => ({
      index,
      edits: distance(lower, lowered[index] ?? ''),
    }));
    best = [...best, ...found]
      .sort((a, b) => a.edits - b.edits || a.index - b.index)
      .slice(0, count);
  }
  return best.map(({ index }) => names[index] ?? '');
}
