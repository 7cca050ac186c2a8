/** The real engine, as `permafrost engine install cpu` made it. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findEngine, type FoundEngine } from '../../src/engines/findEngine';
import { nvidiaDriver } from '../../src/engines/install/machine';
import { LIBRARIES } from '../../src/engines/install/sources';
import { installEngine } from '../../scripts/install-engine.mjs';
import { NOWHERE, TestMachine } from './machine';

const outcome = await installEngine(console.log);
if (!outcome.ok) console.log(`skipped: ${outcome.reason}`);

const ADDON = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';
const LIB = 'node_modules/@tensorflow/tfjs-node-gpu/deps/lib';

describe.runIf(outcome.ok)('the installed engine', () => {
  let engine: FoundEngine;

  beforeAll(() => {
    const found = findEngine('cpu', [outcome.ok ? outcome.home : '']);
    if ('missing' in found) throw new Error(found.missing);
    engine = found;
  });

  /** Another home with the engine. Its files are the same ones: delete, never write into them. */
  function copyTo(machine: TestMachine): string {
    execFileSync('cp', ['-al', engine.folder, join(machine.home, 'cpu')]);
    return join(machine.home, 'cpu');
  }

  /** Replaces a file of a copy without touching the engine's. */
  function replace(file: string, content: Buffer): void {
    rmSync(file);
    writeFileSync(file, content);
  }

  it('is TensorFlow 2.21, complete, and without what only its making needed', () => {
    const { manifest, folder } = engine;
    expect(manifest).toMatchObject({
      library: 'TensorFlow 2.21.0',
      source: 'pypi',
      package: '@tensorflow/tfjs-node-gpu',
      addon: ADDON,
    });
    const paths = manifest.files.map(({ path }) => path);
    expect(paths).toContain(ADDON);
    for (const name of LIBRARIES) expect(paths).toContain(`${LIB}/${name}`);
    expect(paths).toContain('node_modules/@tensorflow/tfjs-node-gpu/package.json');
    expect(paths).toContain('node_modules/@mapbox/node-pre-gyp/package.json');
    for (const gone of ['.work', 'node_modules/@tensorflow/tfjs/dist/tf.node.js.map']) {
      expect(existsSync(join(folder, gone))).toBe(false);
    }
  });

  it('is told by status, and computes when it is tried', async () => {
    const machine = new TestMachine().withPython().withCompiler();
    copyTo(machine);
    const { end, code } = await machine.run('status', '--try');
    expect(code).toBe(0);
    expect(end).toMatchObject({
      engines: [
        { kind: 'cpu', state: 'installed', library: 'TensorFlow 2.21.0' },
        { kind: 'gpu' },
        { kind: 'webgpu' },
      ],
      devices: { cpu: 'computes on the CPU' },
      uv: null,
    });
  });

  it('is not used when a library was cut short', async () => {
    const machine = new TestMachine();
    const folder = copyTo(machine);
    replace(join(folder, LIB, LIBRARIES[1]), Buffer.from('short'));
    const { end } = await machine.run('status');
    expect(end['engines']).toMatchObject([
      { kind: 'cpu', reason: expect.stringMatching(/framework.so.2 has 5 bytes/) as string },
      {},
      {},
    ]);
  });

  it('says why it does not load when a library of the right size is not one', async () => {
    const machine = new TestMachine();
    const library = join(copyTo(machine), LIB, LIBRARIES[1]);
    const { size } = lstatSync(library);
    replace(library, Buffer.from('not a library'));
    truncateSync(library, size);
    const { end } = await machine.run('status', '--try');
    expect(end['devices']).toMatchObject({
      cpu: expect.stringMatching(/does not load: Error: .*libtensorflow_framework/) as string,
    });
  });

  describe('with a tensorflow in the Python environment', () => {
    let machine: TestMachine;
    let site: string;

    beforeEach(() => {
      machine = new TestMachine({ PIP_INDEX_URL: `${NOWHERE}/simple` });
      site = join(machine.root, 'site');
      const tensorflow = join(site, 'tensorflow');
      mkdirSync(join(tensorflow, 'include', 'tensorflow', 'c'), { recursive: true });
      mkdirSync(join(tensorflow, 'python', 'platform'), { recursive: true });
      writeFileSync(join(tensorflow, 'include', 'tensorflow', 'c', 'c_api.h'), '');
      for (const name of LIBRARIES)
        symlinkSync(join(engine.folder, LIB, name), join(tensorflow, name));
      buildInfo(false);
      machine.withPython(`PYTHONPATH='${site}'`);
      // What npm and the compiler would make was made once, for the engine.
      machine.program(
        'npm',
        `cp -al '${join(engine.folder, 'node_modules')}' . && rm -r ${LIB} ${ADDON}`,
      );
      machine.program('c++', `cp '${join(engine.folder, ADDON)}' lib/napi-v8/`);
    });

    function buildInfo(cuda: boolean): void {
      const text = `build_info = dict([('is_cuda_build', ${cuda ? 'True' : 'False'})])\n`;
      writeFileSync(join(site, 'tensorflow', 'python', 'platform', 'build_info.py'), text);
    }

    it.runIf(nvidiaDriver({}) === null)(
      'links to it, downloads nothing of it, and notices when it is replaced',
      async () => {
        // As tensorflow[and-cuda] lays it out; without a driver it computes on the CPU.
        buildInfo(true);
        mkdirSync(join(site, 'nvidia', 'cublas', 'lib'), { recursive: true });
        writeFileSync(join(site, 'nvidia', 'cublas', 'lib', 'libcublas.so.12'), 'CUDA');
        const { code, end, lines } = await machine.run('install', 'cpu');
        expect(end).toMatchObject({
          type: 'done',
          kind: 'cpu',
          source: 'python',
          device: 'the CPU',
        });
        expect(code).toBe(0);
        expect(lines.some(({ step }) => step === 'download')).toBe(false);
        const folder = join(machine.home, 'cpu');
        expect(lstatSync(join(folder, LIB, LIBRARIES[0])).isSymbolicLink()).toBe(true);
        const nvidia = `${dirname(LIB)}/nvidia/cublas/lib`;
        expect(findEngine('cpu', [machine.home])).toMatchObject({
          manifest: {
            libraryPaths: [join(folder, nvidia)],
            files: expect.arrayContaining([{ path: `${nvidia}/libcublas.so.12`, bytes: 4 }]) as [],
          },
        });
        rmSync(join(site, 'tensorflow', LIBRARIES[0]));
        writeFileSync(join(site, 'tensorflow', LIBRARIES[0]), 'TensorFlow 2.22');
        expect(findEngine('cpu', [machine.home])).toEqual({
          missing: expect.stringContaining('has 15 bytes') as string,
        });
      },
    );

    it('takes the packages from the project when npm cannot be reached', async () => {
      machine.program('npm', 'echo "npm error code ENOTFOUND" >&2; exit 1');
      symlinkSync(join(engine.folder, 'node_modules'), join(machine.project, 'node_modules'));
      const { end, lines } = await machine.run('install', 'cpu');
      expect(end).toMatchObject({ type: 'done', source: 'python' });
      expect(lines.find(({ type }) => type === 'warning')).toMatchObject({
        text: expect.stringContaining('npm cannot install') as string,
        advice: expect.stringContaining(machine.project) as string,
      });
    });

    it('has no engine gpu of a driver without the CUDA libraries', async () => {
      machine.program('nvidia-smi', 'exit 0');
      buildInfo(true);
      const { code, lines, end } = await machine.run('install', 'gpu');
      expect(code).toBe(1);
      expect(lines.find(({ type }) => type === 'warning')).toMatchObject({
        text: expect.stringContaining('TensorFlow cannot use the GPU') as string,
      });
      expect(end).toMatchObject({ type: 'error', code: 'no-network' });
      expect(existsSync(join(machine.home, 'gpu'))).toBe(false);
    });

    it('keeps an engine that works when a new one does not', async () => {
      const folder = copyTo(machine);
      // The packages come without the addon, so nothing is written into the engine's own.
      machine.program('c++', 'echo broken > lib/napi-v8/tfjs_binding.node');
      const { code, lines } = await machine.run('install', 'cpu');
      expect(code).toBe(1);
      expect(lines.find(({ type }) => type === 'warning')).toMatchObject({
        text: expect.stringContaining('does not load') as string,
      });
      expect(readFileSync(join(folder, ADDON))).toEqual(readFileSync(join(engine.folder, ADDON)));
      expect(findEngine('cpu', [machine.home])).toHaveProperty('manifest');
    });
  });
});
