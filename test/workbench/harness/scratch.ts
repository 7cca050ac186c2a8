import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './installed';

/** A folder of a test's own. */
export interface Scratch {
  readonly folder: string;
  dispose(): Promise<void>;
}

/** A new folder holding `files` (path to content), with TensorFlow.js resolvable from it. */
export async function scratchFolder(files: Readonly<Record<string, string>>): Promise<Scratch> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'permafrost-scratch-')));
  const folder = join(parent, 'project');
  await mkdir(join(folder, 'node_modules', '@tensorflow'), { recursive: true });
  const tfjs = join('node_modules', '@tensorflow', 'tfjs');
  await symlink(join(ROOT, tfjs), join(folder, tfjs));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, dispose: () => rm(parent, { recursive: true, force: true }) };
}

/** A copy of a folder of `samples/` without what a run leaves behind. */
export async function sampleFolder(sample: string): Promise<Scratch> {
  const scratch = await scratchFolder({});
  const leftOut = ['node_modules', '.permafrost', 'finetuned'];
  await cp(join(ROOT, 'samples', sample), scratch.folder, {
    recursive: true,
    filter: (path) => !leftOut.includes(basename(path)),
  });
  return scratch;
}
