import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installed, ROOT } from './installed';

const run = promisify(execFile);
const CACHE = join(ROOT, 'out', 'workbench');
const AGENT = 'agent';
const VSIX = join(ROOT, 'permafrost.vsix');
/** What the .vsix is made of. */
const SOURCES = [
  ...['src', 'media', 'python/permafrost', 'package.json', 'scripts/build.mjs', '.vscodeignore'],
];

/**
 * Copies an extensions folder, holding the packaged extension and the agent, to `target`.
 * Builds and packages first when a source is newer than `permafrost.vsix`; the environment variable
 * `PERMAFROST_VSIX` names a ready package to test instead.
 * @param more folders of `test/workbench/` that hold further extensions
 */
export async function copyExtensions(target: string, more: readonly string[] = []): Promise<void> {
  const vsix = process.env['PERMAFROST_VSIX'] ?? (await packaged());
  const others = await Promise.all([AGENT, ...more].map((folder) => pack(folder)));
  const hash = createHash('sha256').update(await readFile(vsix));
  const name = hash.update(others.join()).digest('hex').slice(0, 12);
  const cached = join(CACHE, `extensions-${name}`);
  if (!existsSync(cached)) await install([vsix, ...others], cached);
  await cp(cached, target, { recursive: true });
}

async function packaged(): Promise<string> {
  const sources = SOURCES.map((source) => join(ROOT, source));
  if (!existsSync(VSIX) || statSync(VSIX).mtimeMs < newest(sources)) {
    await run('npm', ['run', '--silent', 'package'], { cwd: ROOT, timeout: 120_000 });
  }
  return VSIX;
}

/** Packs an extension of the tests once; its file name carries the hash of its source. */
async function pack(name: string): Promise<string> {
  const folder = join(ROOT, 'test', 'workbench', name);
  const hash = createHash('sha256').update(await readFile(join(folder, 'extension.js')));
  const vsix = join(CACHE, `${name}-${hash.digest('hex').slice(0, 12)}.vsix`);
  if (existsSync(vsix)) return vsix;
  await mkdir(CACHE, { recursive: true });
  const part = `${vsix}.${process.pid}.vsix`;
  const vsce = join(ROOT, 'node_modules', '.bin', 'vsce');
  const quiet = ['--no-dependencies', '--allow-missing-repository', '--skip-license'];
  await run(vsce, ['package', ...quiet, '--out', part], { cwd: folder, timeout: 60_000 });
  await rename(part, vsix);
  return vsix;
}

async function install(files: readonly string[], target: string): Promise<void> {
  const { node, codeServer } = installed();
  const part = `${target}.${process.pid}`;
  const extensions = join(part, 'extensions');
  const flags = ['--config', join(part, 'config.yaml'), '--user-data-dir', join(part, 'data')];
  const wanted = files.flatMap((file) => ['--install-extension', file]);
  await mkdir(part, { recursive: true });
  await run(node, [codeServer, ...flags, '--extensions-dir', extensions, ...wanted, '--force'], {
    env: { ...process.env, HOME: part, EXTENSIONS_GALLERY: '{}' },
    timeout: 60_000,
  });
  await rename(extensions, target).catch(() => undefined); // another process was faster
  await rm(part, { recursive: true, force: true });
}

/** Time of the last change below `paths`, in milliseconds since 1970. */
function newest(paths: readonly string[]): number {
  let time = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    // Screenshots in media/ are written by the tests themselves.
    if (path.endsWith('.png')) continue;
    time = Math.max(time, stat.mtimeMs);
    if (stat.isDirectory())
      time = Math.max(time, newest(readdirSync(path).map((n) => join(path, n))));
  }
  return time;
}
