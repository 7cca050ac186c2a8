import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Reads a file of `test/vectors/`; README.md there tells the shapes. */
export function readVectors(name: 'pattern' | 'config' | 'plan'): unknown {
  const file = path.join(import.meta.dirname, '../../vectors', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}
