import { isAbsolute } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { ConfigProblem } from '../../freeze/config';
import { placeFinder } from '../../freeze/place';
import { visibleText } from '../../runs/words/visibleText';

/**
 * Says at its place that the config's `model` is not there.
 *
 * @param text a valid config with that key
 */
export function modelMissing(text: string, model: string): ConfigProblem {
  const root = parseTree(text.replace(/^\uFEFF/, ' '));
  const node = root && findNodeAtLocation(root, ['model']);
  const where = isAbsolute(model) ? '' : ' in the folder of permafrost.json';
  return {
    ...placeFinder(text)(node?.offset ?? 0, node?.length ?? 0),
    severity: 'warning',
    text: `There is no "${visibleText(model)}"${where}.`,
    advice: 'Correct the path, or remove "model": names then come from an inspection.',
  };
}
