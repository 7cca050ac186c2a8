import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The first interpreter with torch: Debian's, or of the environment that the tests install. */
export function findTorch(): string | null {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const candidates = [
    '/usr/bin/python3',
    join(cache, 'permafrost/torch-new/bin/python'),
    'python3',
  ];
  const has = (python: string): boolean =>
    spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
  return candidates.find(has) ?? null;
}
