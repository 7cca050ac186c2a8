import { spawnSync } from 'node:child_process';

/** Debian's Python, which has torch where the package `python3-torch` is installed. */
export const PYTHON = '/usr/bin/python3';

/** Whether {@link PYTHON} can import torch. */
export function hasTorch(): boolean {
  return spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
}
