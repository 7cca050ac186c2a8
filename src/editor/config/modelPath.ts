import { basename, isAbsolute, relative, sep } from 'node:path';
import { setModel } from '../../freeze/edit';
import { nearestNames } from '../../freeze/nearest';
import { visibleText } from '../../runs/words/visibleText';
import type { Fix } from './ruleFixes';

const MOST_FILES = 3;

/**
 * What can be done about a `model` that is not there.
 *
 * @param text a valid config with that key
 * @param files checkpoints of the workspace as `model` names them
 */
export function modelFixes(text: string, model: string, files: readonly string[]): readonly Fix[] {
  const nearest = [
    // The same name in another folder is the likeliest.
    ...files.filter((file) => basename(file) === basename(model)),
    ...nearestNames(model, files, MOST_FILES),
  ];
  return [
    ...[...new Set(nearest)].slice(0, MOST_FILES).map((file) => ({
      title: `Replace by "${visibleText(file)}"`,
      edits: setModel(text, file),
    })),
    { title: 'Remove "model"', edits: setModel(text, null) },
  ];
}

/** A file as `model` names it: relative to the folder, with `/`; absolute outside of it. */
export function modelPath(folder: string, file: string): string {
  const path = relative(folder, file);
  return path.startsWith('..') || isAbsolute(path) ? file : path.split(sep).join('/');
}
