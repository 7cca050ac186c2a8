// Python environments for the tests, in a folder that outlives clones:
// `${XDG_CACHE_HOME:-~/.cache}/permafrost`.
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

export const DEBIAN_PYTHON = '/usr/bin/python3';
const VERSIONS = ['3.13', '3.12', '3.11', '3.10'];
export const MINUTE = 60_000;
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'permafrost');

/**
 * An environment with these packages from PyPI, made once. Never throws.
 * @param {object} recipe
 * @param {string} recipe.name of its folder
 * @param {string} recipe.what it is, as messages say it
 * @param {number} recipe.recipe to be raised when it is to be made anew, for newer versions say
 * @param {readonly string[]} recipe.packages
 * @param {readonly string[]} [recipe.alone] packages that are installed without what they ask for
 * @param {string} recipe.trial Python code that fails when the packages do not work
 * @param {number} recipe.gigabytes that it takes
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true, python: string } | { ok: false, reason: string }}
 */
export function installEnvironment(recipe, say) {
  return attempt(() => {
    const folder = join(cache, recipe.name);
    const python = join(folder, 'bin', 'python');
    // Written last, so that a half-made environment is never used.
    const marker = join(folder, 'permafrost-complete.json');
    const { recipe: version, packages, alone } = recipe;
    const wanted = JSON.stringify({ recipe: version, packages, alone });
    const isComplete = () =>
      existsSync(marker) && readFileSync(marker, 'utf8') === wanted && existsSync(python);

    if (isComplete()) return python;
    if (process.platform !== 'linux') {
      throw new Error(`it is installed on Linux only, this is ${process.platform}`);
    }
    mkdirSync(cache, { recursive: true });
    const release = takeLock(`${folder}.lock`, recipe.what, say);
    try {
      if (isComplete()) return python;
      makeEnvironment(folder, python, recipe, say);
      writeFileSync(marker, wanted);
      return python;
    } finally {
      release();
    }
  });
}

/** What `install` returns as `python`, or why it failed. */
export function attempt(install) {
  try {
    return { ok: true, python: install() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function makeEnvironment(folder, python, recipe, say) {
  const { what, packages, alone = [], trial, gigabytes } = recipe;
  rmSync(folder, { recursive: true, force: true });
  const disk = statfsSync(cache);
  const free = (disk.bavail * disk.bsize) / 1e9;
  if (free < gigabytes) {
    throw new Error(`${free.toFixed(1)} GB free in ${cache}, ${gigabytes} are needed`);
  }
  const base = findPython(say);
  say(`installing ${what} in ${folder} (once)`);
  try {
    execute([base, '-m', 'venv', folder], MINUTE);
    // No cache of pip's own: it would hold the packages a second time.
    const pip = [python, '-m', 'pip', '--disable-pip-version-check', '--no-cache-dir'];
    const install = [...pip, 'install', '--quiet', '--progress-bar=off'];
    execute([...install, ...packages], 20 * MINUTE);
    if (alone.length > 0) execute([...install, '--no-deps', ...alone], 5 * MINUTE);
    execute([python, '-c', trial], 2 * MINUTE);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
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

export function has(file, module) {
  return spawnSync(file, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

/** Two clones that are tested at once must not make the environment at once. */
function takeLock(lock, what, say) {
  const giveUp = Date.now() + 10 * MINUTE;
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = holderOf(lock);
    if (!isAlive(holder)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (Date.now() > giveUp) throw new Error(`process ${holder} still holds ${lock}`);
    if (!told) say(`waiting for process ${holder}, which installs ${what}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
  }
}

function holderOf(lock) {
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

/** @param names the packages that a user without root would have to install */
export function aptGet(args, names) {
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
