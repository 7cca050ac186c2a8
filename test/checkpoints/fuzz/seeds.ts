import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A checkpoint in memory: a file to open, and those beside it. */
export interface Seed {
  /** Its folder in the corpus: the kind of reader. */
  readonly kind: string;
  /** Name of the file to open. */
  readonly main: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Of each folder of the corpus the JSON file that names the others, or each file. */
export function readSeeds(corpus: string): readonly Seed[] {
  return readdirSync(corpus)
    .sort()
    .flatMap((kind) => {
      const names = readdirSync(join(corpus, kind)).sort();
      const files = new Map(
        names.map((name) => [name, new Uint8Array(readFileSync(join(corpus, kind, name)))]),
      );
      const index = names.filter((name) => name.endsWith('.json'));
      if (index.length > 0) return index.map((main): Seed => ({ kind, main, files }));
      return names.map((main): Seed => ({
        kind,
        main,
        files: new Map([...files].filter(([name]) => name === main)),
      }));
    });
}
