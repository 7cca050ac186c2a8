import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns, readInspection } from '../../src/runs/store';
import { inspectionFile } from '../../src/runs/paths';
import { makeProject, notes, permafrost } from './project';

const scripts = fileURLToPath(new URL('../hook/scripts', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await makeProject({
    'permafrost.json': '{ "command": "node train.js", "freeze": ["conv1/**", "bn1/**"] }\n',
    'train.js': await readFile(join(scripts, 'sequential-fit.cjs'), 'utf8'),
    // Sets one element of a frozen kernel off by 1e-7 in epoch 2.
    'sabotage.js': await sabotaged(),
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function sabotaged(): Promise<string> {
  const script = await readFile(join(scripts, 'sequential-fit.cjs'), 'utf8');
  return script.replace(
    'callbacks: {',
    `callbacks: {
      onEpochBegin: (epoch) => {
        if (epoch !== 1) return;
        const [kernel, ...rest] = model.getLayer('conv1').getWeights();
        const values = kernel.dataSync().slice();
        values[0] += 1e-7;
        model.getLayer('conv1').setWeights([tf.tensor(values, kernel.shape), ...rest]);
      },`,
  );
}

describe('permafrost with TensorFlow.js', () => {
  it('runs the command of the config and proves each epoch', async () => {
    const result = await permafrost(folder, 'run');
    expect(result.code).toBe(0);
    expect(notes(result).filter((line) => line.startsWith('epoch'))).toEqual([
      'epoch 1/3: 6 frozen intact',
      'epoch 2/3: 6 frozen intact',
      'epoch 3/3: 6 frozen intact',
    ]);
    expect(notes(result)).toContain('6 frozen tensors intact over 3 epochs.');
    expect(result.stdout).toMatch(/^0 \d\.\d{6} \d+$/m);
  });

  it('inspects the command without training, and tells what the rules freeze', async () => {
    const before = (await listRuns(folder)).length;
    const result = await permafrost(folder, 'inspect');
    expect(result.code).toBe(0);
    expect(result.stdout.split('\n')).toEqual([
      'digits (Sequential): 8 tensors, 491 elements, 6 frozen',
      '  conv1 (Conv2D)',
      '    kernel           float32 3x3x1x4  36 elements   frozen',
      '    bias             float32 4        4 elements    frozen',
      '  bn1 (BatchNormalization)',
      '    gamma            float32 4        4 elements    frozen',
      '    beta             float32 4        4 elements    frozen',
      '    moving_mean      float32 4        4 elements    statistic, frozen',
      '    moving_variance  float32 4        4 elements    statistic, frozen',
      '  head (Dense)',
      '    kernel           float32 144x3    432 elements',
      '    bias             float32 3        3 elements',
      '',
    ]);
    expect(result.stderr).toBe('permafrost: written to .permafrost/model.json\n');
    expect(await listRuns(folder)).toHaveLength(before);
  });

  it('inspects as JSON, as the editor reads it', async () => {
    const { stdout } = await permafrost(folder, 'inspect', '--json', '--', 'node', 'train.js');
    expect(JSON.parse(stdout)).toEqual(await readInspection(inspectionFile(folder)));
  });

  it('catches by name and epoch a kernel that moved by 1e-7, with exit code 3', async () => {
    const result = await permafrost(folder, 'run', '--', 'node', 'sabotage.js');
    expect(result.code).toBe(3);
    expect(notes(result)).toContainEqual(
      expect.stringMatching(
        /^epoch 2\/3: conv1\/kernel moved \(1 element, max \|Δ\| 1\.\d?e-7.*; 5 intact$/,
      ),
    );
    expect(notes(result)).toContainEqual(
      expect.stringMatching(/^1 frozen tensor moved: conv1\/kernel in epoch 2 \(1 element/),
    );
  });

  it('refuses a rule that matches nothing before training, with exit code 2', async () => {
    const config = join(folder, 'dead.json');
    await writeFile(config, '{\n  "freeze": ["conv9/**"]\n}\n');
    const result = await permafrost(folder, 'run', '--config', config, 'node', 'train.js');
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/dead\.json:2:14: .*conv9/);
    expect(result.stderr).toContain('Not verified: training was refused');
    expect(result.stdout).not.toMatch(/^0 \d/m);
  });
});

describe('a command without a model', () => {
  it('is not called intact', async () => {
    const result = await permafrost(folder, 'run', '--', 'node', '-e', 'console.log(1)');
    expect(result).toMatchObject({ code: 0, stdout: '1\n' });
    expect(notes(result)).toContain(
      'No model was seen: the command loaded neither PyTorch nor TensorFlow.js.',
    );
  });

  it('is told by inspect with the output of the command', async () => {
    const result = await permafrost(folder, 'inspect', '--', 'node', '-e', 'console.log("out")');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^out\npermafrost: error: no model was seen/);
  });

  it('that fails is told by inspect with its output and its exit code', async () => {
    const script = 'console.log("out"); console.error("err"); process.exit(9)';
    const result = await permafrost(folder, 'inspect', '--', 'node', '-e', script);
    expect(result.code).toBe(9);
    expect(result.stderr).toMatch(/out\n/);
    expect(result.stderr).toMatch(/err\n/);
    expect(notes(result).at(-1)).toMatch(/^error: node -e .* failed \(exit code 9\)$/);
  });
});
