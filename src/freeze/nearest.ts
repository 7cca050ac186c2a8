import { distance } from 'fastest-levenshtein';

/** The known key or value that was most likely meant; undefined when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const [best] = nearestNames(word, known, 1);
  if (best === undefined) return undefined;
  const edits = distance(word.toLowerCase(), best.toLowerCase());
  return edits <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

/** Up to `count` of the names, the nearest by Levenshtein distance (case ignored) first. */
export function nearestNames(word: string, names: readonly string[], count: number): string[] {
  const lower = word.toLowerCase();
  return names
    .map((name) => ({ name, edits: distance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ name }) => name);
}
