/** Checkpoints of a run, compared, agree tensor by tensor with what the hook said in that run. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Comparison, PairVerdict } from '../../src/model/compare/comparison';
import type { RunState } from '../../src/runs/state';
import { debianTorch, newestTorch } from './owningLibraries';
import { makeProject, permafrost } from './project';

// An import of the newest torch takes a minute where other tests run too.
vi.setConfig({ testTimeout: 300_000 });

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A copy of a sample whose script also saves what it starts from. */
interface Sample {
  readonly name: string;
  readonly script: string;
  /** What stands in the script, and what takes its place. */
  readonly edits: readonly (readonly [string, string])[];
  readonly command: readonly string[];
  readonly start: string;
  readonly end: string;
}

async function copyOf(sample: Sample): Promise<string> {
  const folder = await makeProject({});
  folders.push(folder);
  const source = fileURLToPath(new URL(`../../samples/${sample.name}`, import.meta.url));
  await cp(source, folder, { recursive: true });
  let script = await readFile(join(folder, sample.script), 'utf8');
  for (const [before, after] of sample.edits) {
    expect(script).toContain(before);
    script = script.replace(before, () => after);
  }
  await writeFile(join(folder, sample.script), script);
  const config = JSON.parse(await readFile(join(folder, 'permafrost.json'), 'utf8')) as object;
  // The script shall get to its end, which saves the last checkpoint.
  const kept = JSON.stringify({ ...config, onMove: 'report' });
  await writeFile(join(folder, 'permafrost.json'), kept);
  return folder;
}

interface Told {
  readonly runCode: number | null;
  readonly run: RunState;
  readonly diffCode: number | null;
  readonly comparison: Comparison;
  readonly verifyCode: number | null;
}

/** Trains under `permafrost run`, then compares what the script saved at its start and its end. */
async function trainAndCompare(sample: Sample): Promise<Told> {
  const folder = await copyOf(sample);
  const { code: runCode, stderr } = await permafrost(folder, 'run', '--', ...sample.command);
  const report = await permafrost(folder, 'report', 'latest', '--json');
  expect(report.code, stderr).toBe(0);
  const files = [sample.start, sample.end];
  const config = ['--config', 'permafrost.json'];
  const diff = await permafrost(folder, 'diff', ...files, ...config, '--json');
  expect(diff.stderr).toBe('');
  const verify = await permafrost(folder, 'verify', ...files);
  return {
    runCode,
    run: JSON.parse(report.stdout) as RunState,
    diffCode: diff.code,
    comparison: JSON.parse(diff.stdout) as Comparison,
    verifyCode: verify.code,
  };
}

/** What was found of a tensor: `moved` with elements and largest difference. */
type Findings = Readonly<Record<string, object | string>>;

/** By the events of the run, in its last epoch. */
function findingsOfRun({ models }: RunState): Findings {
  const [model] = models;
  const last = model?.epochs.at(-1)?.verification;
  if (model === undefined || last == null) throw new Error('the run verified nothing');
  const found = new Map(last.findings.map((finding) => [finding.name, finding]));
  return Object.fromEntries(
    model.tensors.map(({ name }): readonly [string, object | string] => {
      const finding = found.get(name);
      if (finding?.verdict === 'moved') {
        const { elements, maxDelta } = finding;
        return [name, { moved: true, elements, maxDelta }];
      }
      if (finding !== undefined) return [name, finding.verdict];
      if (model.frozen[name] !== undefined) return [name, 'intact'];
      return [name, last.unmoved.includes(name) ? 'trainable, unmoved' : 'trainable'];
    }),
  );
}

/** By the bytes of the two files. */
function findingsOfFiles({ models }: Comparison): Findings {
  const tensors = models.flatMap((model) => model.tensors);
  return Object.fromEntries(
    tensors.map(({ name, pairs: [pair] }) => {
      if (pair === undefined) throw new Error(`${name} was not compared`);
      return [name, inWordsOfRun(pair.verdict, pair.expected === 'frozen')];
    }),
  );
}

function inWordsOfRun(verdict: PairVerdict, frozen: boolean): object | string {
  if (verdict.kind === 'equal') return frozen ? 'intact' : 'trainable, unmoved';
  if (verdict.kind !== 'different') return verdict.kind;
  const { elements, maxDelta } = verdict;
  return frozen ? { moved: true, elements, maxDelta } : 'trainable';
}

function movedOf(findings: Findings): readonly string[] {
  return Object.keys(findings).filter((name) => typeof findings[name] === 'object');
}

const tfjs = (sabotage: string): Sample => ({
  name: 'tfjs-digits',
  script: 'train.js',
  edits: [
    [
      '  await model.fit(',
      "  await model.save(saveTo(path.join(__dirname, 'start')));\n  await model.fit(",
    ],
    ['onEpochEnd: (epoch, {', `onEpochBegin: (epoch) => { ${sabotage} }, onEpochEnd: (epoch, {`],
  ],
  command: ['node', 'train.js', '2'],
  start: 'start/model.json',
  end: 'finetuned',
});

describe('the TensorFlow.js sample', () => {
  it('clean: files and hook agree that everything frozen is intact', async () => {
    const told = await trainAndCompare(tfjs(''));
    expect(findingsOfFiles(told.comparison)).toEqual(findingsOfRun(told.run));
    expect([told.runCode, told.diffCode, told.verifyCode]).toEqual([0, 0, 0]);
    expect(told.comparison.config?.matched).not.toContain(0);
  });

  it('sabotaged: both name the same tensors, elements and differences', async () => {
    const told = await trainAndCompare(
      tfjs(`if (epoch === 1) tf.tidy(() => {
        const { kernel } = model.getLayer('conv1');
        const values = kernel.read().dataSync().slice();
        values[3] += 1e-7;
        kernel.write(tf.tensor(values, kernel.shape));
        const { movingMean } = model.getLayer('bn2');
        movingMean.write(movingMean.read().mul(0.99).add(0.001));
      });`),
    );
    const found = findingsOfFiles(told.comparison);
    expect(movedOf(found)).toEqual(['conv1/kernel', 'bn2/moving_mean']);
    expect(found).toEqual(findingsOfRun(told.run));
    expect([told.runCode, told.diffCode, told.verifyCode]).toEqual([3, 3, 3]);
  });
});

const torch = (python: string, sabotage: string): Sample => ({
  name: 'pytorch-digits',
  script: 'train.py',
  edits: [
    [
      '    optimizer = torch',
      '    torch.save(model.state_dict(), HERE / "start.pt")\n    optimizer = torch',
    ],
    ['        scheduler.step()\n', `        scheduler.step()\n        ${sabotage}\n`],
  ],
  command: [python, 'train.py', '--epochs', '2'],
  start: 'start.pt',
  end: 'finetuned.pt',
});

describe.each([
  ["Debian's torch", debianTorch],
  ['the newest torch', newestTorch],
])('the PyTorch sample with %s', (_, python) => {
  it.skipIf(python === null)('clean: files and hook agree', async () => {
    const told = await trainAndCompare(torch(python ?? '', 'pass'));
    expect(findingsOfFiles(told.comparison)).toEqual(findingsOfRun(told.run));
    expect([told.runCode, told.diffCode, told.verifyCode]).toEqual([0, 0, 0]);
  });

  it.skipIf(python === null)('sabotaged: both name the same tensors', async () => {
    const told = await trainAndCompare(
      torch(
        python ?? '',
        `if epoch == 2:
            with torch.no_grad():
                model.conv1.weight[0, 0, 1, 1] += 1e-6
                model.layer1.bn1.running_var.mul_(1.01)
                model.layer2.bn2.bias.neg_()`,
      ),
    );
    const found = findingsOfFiles(told.comparison);
    expect(movedOf(found)).toEqual(['conv1.weight', 'layer1.bn1.running_var', 'layer2.bn2.bias']);
    expect(found).toEqual(findingsOfRun(told.run));
    expect([told.runCode, told.diffCode, told.verifyCode]).toEqual([3, 3, 3]);
  });
});
