// The two PyTorches that the Python tests run with: Debian's (1.13) and the newest from PyPI, in an
// environment that outlives clones, since it takes minutes and 6 GB:
// `${XDG_CACHE_HOME:-~/.cache}/permafrost/torch-new`.
// `node scripts/install-torch.mjs` exits 1 with the reason when one of them cannot be had.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const DEBIAN_PYTHON = '/usr/bin/python3';
const DEBIAN_MODULES = ['torch', 'torchvision', 'pytest'];
/** Whatever is the newest when the environment is made. */
const PACKAGES = [
  'torch',
  'torchvision',
  'lightning',
  'transformers',
  'accelerate',
  'timm',
  'pytest',
  'ruff',
  'mypy',
];
/** To be raised when the environment is to be made anew, for newer versions say. */
const RECIPE = 1;
const VERSIONS = ['3.13', '3.12', '3.11', '3.10'];
const MINUTE = 60_000;
const NEEDED_GIGABYTES = 10;

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'permafrost');
const environment = join(cache, 'torch-new');
const python = join(environment, 'bin', 'python');
/** Written last, so that a half-made environment is never used. */
const marker = join(environment, 'permafrost-complete.json');
const lock = join(cache, 'torch-new.lock');
const wanted = JSON.stringify({ recipe: RECIPE, packages: PACKAGES });

/**
 * Debian's torch, torchvision and pytest. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true, python: string } | { ok: false, reason: string }}
 */
export function installDebianTorch(say = () => {}) {
  return attempt(() => {
    const missing = DEBIAN_MODULES.filter((name) => !has(DEBIAN_PYTHON, name));
    if (missing.length > 0) {
      if (process.platform !== 'linux') throw new Error(`this is ${process.platform}`);
      const names = missing.map((name) => `python3-${name}`);
      say(`installing ${names.join(', ')}`);
      aptGet(['update'], names);
      aptGet(['install', ...names], names);
    }
    return DEBIAN_PYTHON;
  });
}

/**
 * The newest torch from PyPI with what uses it, kept between runs and clones. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true, python: string } | { ok: false, reason: string }}
 */
export function installNewestTorch(say = () => {}) {
  return attempt(() => {
    if (isComplete()) return python;
    if (process.platform !== 'linux') {
      throw new Error(`it is installed on Linux only, this is ${process.platform}`);
    }
    mkdirSync(cache, { recursive: true });
    const release = takeLock(say);
    try {
      if (!isComplete()) makeEnvironment(say);
    } finally {
      release();
    }
    return python;
  });
}

function attempt(install) {
  try {
    return { ok: true, python: install() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function isComplete() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(python);
}

function makeEnvironment(say) {
  rmSync(environment, { recursive: true, force: true });
  const disk = statfsSync(cache);
  const gigabytes = (disk.bavail * disk.bsize) / 1e9;
  if (gigabytes < NEEDED_GIGABYTES) {
    throw new Error(`${gigabytes.toFixed(1)} GB free in ${cache}, ${NEEDED_GIGABYTES} are needed`);
  }
  const base = findPython(say);
  say(`installing the newest torch in ${environment} (6 GB, some minutes, once)`);
  try {
    execute([base, '-m', 'venv', environment], MINUTE);
    // No cache of pip's own: it would hold the 3 GB a second time.
    const pip = [python, '-m', 'pip', '--disable-pip-version-check', '--no-cache-dir'];
    execute([...pip, 'install', '--quiet', '--progress-bar=off', ...PACKAGES], 20 * MINUTE);
    execute([python, '-c', 'import torch, torchvision'], 2 * MINUTE);
  } catch (error) {
    rmSync(environment, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(marker, wanted);
}

/** A Python from 3.10 to 3.13 that can make environments. */
function findPython(say) {
  const found = pythons().find(canMakeEnvironments);
  if (found !== undefined) return found;
  if (VERSIONS.includes(versionOf(DEBIAN_PYTHON))) {
    say('installing python3-venv');
    aptGet(['update'], ['python3-venv']);
    aptGet(['install', 'python3-venv'], ['python3-venv']);
    if (canMakeEnvironments(DEBIAN_PYTHON)) return DEBIAN_PYTHON;
  }
  throw new Error(`no Python ${VERSIONS.at(-1)} to ${VERSIONS[0]} with the venv module was found`);
}

function pythons() {
  const pyenv = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  const kept = existsSync(pyenv) ? readdirSync(pyenv) : [];
  return VERSIONS.flatMap((version) => [
    ...kept
      .filter((name) => name.startsWith(`${version}.`))
      .map((name) => join(pyenv, name, 'bin', 'python')),
    `python${version}`,
  ]).concat(DEBIAN_PYTHON);
}

function canMakeEnvironments(file) {
  return VERSIONS.includes(versionOf(file)) && has(file, 'venv') && has(file, 'ensurepip');
}

function versionOf(file) {
  const code = 'import sys; print("%d.%d" % sys.version_info[:2])';
  return (spawnSync(file, ['-c', code], { encoding: 'utf8' }).stdout ?? '').trim();
}

function has(file, module) {
  return spawnSync(file, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

/** Two clones that are tested at once must not make the environment at once. */
function takeLock(say) {
  const giveUp = Date.now() + 10 * MINUTE;
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(holder())) {
      rmSync(lock, { force: true });
      continue;
    }
    if (Date.now() > giveUp) throw new Error(`process ${holder()} still holds ${lock}`);
    if (!told) say(`waiting for process ${holder()}, which installs torch`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  }
}

function holder() {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function aptGet(args, names) {
  const root = process.getuid?.() === 0;
  if (!root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new Error(
      `neither root nor passwordless sudo: run \`apt-get install ${names.join(' ')}\` yourself`,
    );
  }
  const command = ['apt-get', '-qq', '-y', '--no-install-recommends', ...args];
  const prefix = root ? ['env'] : ['sudo', '-n'];
  execute([...prefix, 'DEBIAN_FRONTEND=noninteractive', ...command], 10 * MINUTE);
}

function execute([file, ...args], timeout) {
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim();
  const why = result.error?.message ?? output.split('\n').slice(-5).join('\n');
  throw new Error(`\`${[file, ...args].join(' ')}\` failed: ${why}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const install of [installDebianTorch, installNewestTorch]) {
    const outcome = install(console.log);
    console.log(outcome.ok ? outcome.python : outcome.reason);
    if (!outcome.ok) process.exitCode = 1;
  }
}
