// The engine `cpu` (libtensorflow under the real @tensorflow/tfjs-node-gpu) for the tests, made by
// the product's own `permafrost engine install cpu`, once on a machine; the stage `engines` makes it
// anew when the code of that changed. It lies in `${XDG_CACHE_HOME:-~/.cache}/permafrost/test-engines`. The wheel of 274 MB is fetched
// once, into `…/permafrost/engines/downloads`.
// `node scripts/install-engine.mjs` exits 1 with the reason when it cannot be had.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'permafrost');
const home = join(cache, 'test-engines');
/** Kept from one installation to the next; a test that installs anew gives it to the command. */
export const DOWNLOADS = join(cache, 'engines', 'downloads');
const marker = join(home, 'installed-by.txt');
/** What makes another engine when it changes. */
const SOURCES = ['src/engines', 'src/engines/install'];
const LIMIT_MILLISECONDS = 15 * 60_000;
const WAIT_MILLISECONDS = 1000;

/**
 * Makes the engine ready; takes no time when it is. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @param {{ current?: boolean }} options whether it must be the work of the sources as they are now
 * @returns {Promise<{ ok: true, home: string } | { ok: false, reason: string }>} `home` is for
 *   `PERMAFROST_ENGINE_HOMES`; the engine lies in its `cpu`
 */
export async function installEngine(say = () => {}, { current = false } = {}) {
  try {
    await makeReady(say, current);
    return { ok: true, home };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function makeReady(say, current) {
  const version = versionOfSources();
  const giveUp = Date.now() + LIMIT_MILLISECONDS;
  while (!isInstalled(current ? version : null)) {
    const failure = await install(say);
    if (failure === null) {
      writeFileSync(marker, version);
    } else if (failure.code !== 'locked' || Date.now() > giveUp) {
      throw new Error(`${failure.text} ${failure.advice}`);
    } else {
      // Another process of the tests is at it.
      await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
    }
  }
}

function isInstalled(version) {
  try {
    readFileSync(join(home, 'cpu', 'permafrost-engine.json'));
    return version === null || readFileSync(marker, 'utf8') === version;
  } catch {
    return false;
  }
}

function versionOfSources() {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
    for (const name of names.sort()) hash.update(readFileSync(join(root, folder, name)));
  }
  return hash.digest('hex');
}

/** Null when it succeeded, else what the command says of it. */
async function install(say) {
  // Not before: scripts/test.mjs imports this where npm packages are not installed yet.
  const { build } = await import('esbuild');
  mkdirSync(home, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'permafrost-engine-'));
  try {
    const cli = join(scratch, 'cli.cjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli/main.ts'],
      outfile: cli,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      mainFields: ['module', 'main'],
      logLevel: 'warning',
    });
    say(`installing the engine cpu in ${home} (274 MB over the network at the first time)`);
    return await runInstall(cli, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runInstall(cli, cwd) {
  const env = {
    ...process.env,
    PERMAFROST_ENGINE_HOMES: home,
    PERMAFROST_ENGINE_DOWNLOADS: DOWNLOADS,
    NODE_OPTIONS: '',
  };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, 'engine', 'install', 'cpu', '--json'], {
      cwd,
      env,
      timeout: LIMIT_MILLISECONDS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('error', (error) => (stderr += error.message));
    child.once('close', (code) => resolve(code === 0 ? null : failureOf(stdout, stderr)));
  });
}

function failureOf(stdout, stderr) {
  try {
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1));
    if (last.type === 'error') return last;
  } catch {
    // It ended without a word of its own.
  }
  return { code: 'failed', text: stderr.trim() || 'It was ended.', advice: '' };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = await installEngine(console.log, { current: true });
  console.log(outcome.ok ? outcome.home : outcome.reason);
  if (!outcome.ok) process.exitCode = 1;
}
