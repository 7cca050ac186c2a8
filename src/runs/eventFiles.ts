import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The events of further ranks (from 1) of the run in `runDir`, by rank; they may appear at any
 * time. None when the folder cannot be read.
 */
export async function rankFiles(runDir: string): Promise<readonly string[]> {
  const names = await readdir(runDir).catch(() => []);
  return names
    .flatMap((name) => {
      const rank = /^events\.rank([1-9]\d*)\.jsonl$/.exec(name)?.[1];
      return rank === undefined ? [] : [{ name, rank: Number(rank) }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ name }) => join(runDir, name));
}
