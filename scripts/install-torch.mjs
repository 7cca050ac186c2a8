// The two PyTorches that the Python tests run with: Debian's (1.13) and the newest from PyPI, in an
// environment that outlives clones, since it takes minutes and 6 GB:
// `${XDG_CACHE_HOME:-~/.cache}/permafrost/torch-new`.
// `node scripts/install-torch.mjs` exits 1 with the reason when one of them cannot be had.
import { pathToFileURL } from 'node:url';
import { DEBIAN_PYTHON, aptGet, attempt, has, installEnvironment } from './python-environment.mjs';

const DEBIAN_MODULES = ['torch', 'torchvision', 'pytest'];
const NEWEST = {
  name: 'torch-new',
  what: 'the newest torch (6 GB, some minutes)',
  recipe: 1,
  /** Whatever is the newest when the environment is made. */
  packages: [
    'torch',
    'torchvision',
    'lightning',
    'transformers',
    'accelerate',
    'timm',
    'pytest',
    'ruff',
    'mypy',
  ],
  trial: 'import torch, torchvision',
  gigabytes: 10,
};

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
  return installEnvironment(NEWEST, say);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const install of [installDebianTorch, installNewestTorch]) {
    const outcome = install(console.log);
    console.log(outcome.ok ? outcome.python : outcome.reason);
    if (!outcome.ok) process.exitCode = 1;
  }
}
