import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the library that owns a format says of one tensor. */
export interface OwnTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
}

export type OwnTensors = Readonly<Record<string, OwnTensor>>;

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'permafrost');

/** Debian's Python with torch 1.13; null where there is none. */
export const debianTorch = pythonWith('/usr/bin/python3', 'torchvision');
/** The newest torch, with safetensors and huggingface_hub: scripts/install-torch.mjs. */
export const newestTorch = newest();

function newest(): string | null {
  const folder = join(cache, 'torch-new');
  const complete = existsSync(join(folder, 'permafrost-complete.json'));
  return complete ? join(folder, 'bin', 'python') : null;
}

function pythonWith(file: string, module: string): string | null {
  return spawnSync(file, ['-c', `import ${module}`]).status === 0 ? file : null;
}

/**
 * Runs a script and reads the JSON that it prints.
 * @throws Error with what it printed when it fails
 */
export function printedJson(file: string, args: readonly string[], cwd: string): unknown {
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const { status, stdout, stderr } = spawnSync(file, args, {
    ...{ cwd, env, encoding: 'utf8' },
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}:\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
