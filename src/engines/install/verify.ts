import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { execute, lastLines } from './execute';
import { nodeProgram } from './machine';
import { EngineError, type InstallRequest } from './report';

const MARK = 'permafrost-engine:';

/**
 * Loads the package in a process of its own, as a script would, and adds two numbers. Nodes from
 * 23 lack two functions that the package calls.
 */
const PROGRAM = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const [sum] = tf.add(tf.tensor1d([2]), tf.tensor1d([3])).dataSync();
const { binding, isUsingGpuDevice } = tf.backend();
const files = Object.keys(require.cache);
console.log('${MARK}' + JSON.stringify({ sum, version: binding.TF_Version, gpu: isUsingGpuDevice, files }));
`;

/** What an engine did when it was tried. */
export interface Trial {
  /** Of the library, as in `2.21.0`. */
  readonly version: string;
  readonly gpu: boolean;
  /** The modules that were loaded, relative to the engine's folder, parts separated by `/`. */
  readonly modules: readonly string[];
  /** What the library printed. */
  readonly output: string;
}

/**
 * Tries an engine of TensorFlow's.
 * @param folder of the engine
 * @param packageName in its node_modules
 * @throws EngineError when it cannot be loaded, or cannot add
 */
export async function tryTensorflow(
  folder: string,
  packageName: string,
  { env, signal }: Pick<InstallRequest, 'env' | 'signal'>,
): Promise<Trial> {
  const file = nodeProgram(env);
  const module = join(folder, 'node_modules', packageName);
  const { code, output } = await execute(file, ['-e', PROGRAM, module], {
    cwd: folder,
    // Ours may be in NODE_OPTIONS already.
    env: { ...env, NODE_OPTIONS: '', NODE_PATH: '' },
    signal,
  });
  const said = output.split('\n').find((line) => line.startsWith(MARK));
  if (code !== 0 || said === undefined) {
    throw new EngineError(
      'corrupt',
      `The library does not load: ${/^\w*Error: .*/m.exec(output)?.[0] ?? lastLines(output)}`,
      'Install the engine again; where that does not help, permafrost engine install webgpu is another way.',
    );
  }
  const { sum, version, gpu, files } = JSON.parse(said.slice(MARK.length)) as {
    readonly sum: number;
    readonly version: string;
    readonly gpu: boolean;
    readonly files: readonly string[];
  };
  if (sum !== 5) {
    throw new EngineError('corrupt', `The library says that 2 + 3 is ${sum}.`, 'Do not use it.');
  }
  const real = realpathSync(folder);
  const modules = files
    .map((each) => relative(real, each))
    .filter((each) => !each.startsWith('..'))
    .map((each) => each.split(sep).join('/'));
  return { version, gpu, modules, output: output.replace(said, '').trim() };
}
