// The libraries that own the formats of checkpoints, for test/checkpoints: PyTorch 1.13 and the
// newest with what writes files by it (see install-torch.mjs), and Keras 3 with h5py, NumPy and the
// converter of TensorFlow.js in `${XDG_CACHE_HOME:-~/.cache}/permafrost/keras`.
// `node scripts/install-checkpoint-libraries.mjs` exits 1 with the reasons when one cannot be had.
import { pathToFileURL } from 'node:url';
import { installDebianTorch, installNewestTorch } from './install-torch.mjs';
import { installEnvironment } from './python-environment.mjs';

const KERAS = {
  name: 'keras',
  what: 'Keras 3 (650 MB)',
  recipe: 1,
  packages: ['keras', 'jax', 'h5py', 'ml_dtypes', 'numpy'],
  // TensorFlow.js's converter asks for TensorFlow, which its writer of weights needs to open files.
  alone: ['tensorflowjs'],
  trial: 'import os; os.environ["KERAS_BACKEND"] = "jax"; import keras, h5py',
  gigabytes: 2,
};

/**
 * Each by the name of its interpreter in the tests. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {Record<'debian' | 'newest' | 'keras', { ok: true, python: string } | { ok: false, reason: string }>}
 */
export function installCheckpointLibraries(say = () => {}) {
  return {
    debian: installDebianTorch(say),
    newest: installNewestTorch(say),
    keras: installEnvironment(KERAS, say),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const outcome of Object.values(installCheckpointLibraries(console.log))) {
    console.log(outcome.ok ? outcome.python : outcome.reason);
    if (!outcome.ok) process.exitCode = 1;
  }
}
