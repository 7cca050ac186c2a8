import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { globSync } from 'tinyglobby';
import type { CheckpointFile } from '../../model/jobs/jobs';
import { note } from '../output';
import { UsageError } from '../usageError';
import { checkpointsIn } from './folder';

type FileOnDisk = Extract<CheckpointFile, { readonly path: string }>;

/** Numbers in names by their value: `ckpt-2` before `ckpt-10`. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/**
 * The files that the words of a command line name. A word that no file has is a glob, for shells
 * that expand none (and for quotes).
 * @throws UsageError for a glob that no file matches
 */
export function namedFiles(words: readonly string[]): readonly FileOnDisk[] {
  return words.flatMap((word) => expanded(word).map((path) => ({ name: path, path })));
}

/**
 * Two or more files to be compared. A single folder stands for the checkpoints in it.
 * @throws UsageError when there are fewer than two
 */
export function comparedFiles(command: string, words: readonly string[]): readonly FileOnDisk[] {
  const [only, second] = words;
  if (only === undefined) {
    throw new UsageError(
      `permafrost ${command} needs two checkpoint files.`,
      `See permafrost ${command} --help.`,
    );
  }
  const named = second === undefined && isFolder(only) ? inFolder(only) : namedFiles(words);
  const files = withoutTwins(named);
  if (files.length > 1) return files;
  if (named.length > 1) {
    throw new UsageError(
      `${named.map(({ name }) => name).join(' and ')} are the same file.`,
      'Name two checkpoints.',
    );
  }
  throw new UsageError(
    `permafrost ${command} needs two checkpoint files, and there is only ${named[0]?.name ?? only}.`,
    'Name the one to compare it with.',
  );
}

function expanded(word: string): readonly string[] {
  if (existsSync(word) || !/[*?[\]{}]/.test(word)) return [word];
  const options = { expandDirectories: false, onlyFiles: false, absolute: isAbsolute(word) };
  const found = globSync([word.replaceAll(sep, '/')], options);
  if (found.length === 0) {
    throw new UsageError(`No file matches ${word}.`, 'Check the pattern and the folder.');
  }
  return found.map((path) => path.replace(/\/$/, '')).sort(NATURAL.compare);
}

function inFolder(folder: string): readonly FileOnDisk[] {
  const paths = checkpointsIn(folder).map((name) => join(folder, name));
  if (paths.length === 0) {
    throw new UsageError(`There is no checkpoint in ${folder}.`, 'Name two checkpoint files.');
  }
  return paths.sort(NATURAL.compare).map((path) => ({ name: path, path }));
}

/** Without further names of a file: `latest.pt` is often a link to one of the others. */
function withoutTwins(files: readonly FileOnDisk[]): readonly FileOnDisk[] {
  const known = new Map<string, string>();
  return files.filter(({ name, path }) => {
    const real = realPath(path);
    const twin = known.get(real);
    if (twin === undefined) {
      known.set(real, name);
      return true;
    }
    if (files.length > 2) note(`${name} is ${twin}: left out`);
    return false;
  });
}

/** The path itself where there is no such file: who opens it tells that best. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
