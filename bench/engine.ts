/**
 * An epoch of a small CNN (two convolutions, BatchNormalization, 28 by 28) on libtensorflow's CPU
 * device, as the engine `cpu` runs it under a script of plain TensorFlow.js, against the same script
 * in JavaScript. Reports the ratio; there is no target.
 *   npx tsx bench/engine.ts [images]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../test/workbench/harness/installed';

const IMAGES = Number(process.argv[2] ?? 128);
const EPOCHS = 3;
const CLI = join(ROOT, 'dist', 'cli.js');

const SCRIPT = `
const tf = require('@tensorflow/tfjs');
const layers = [
  tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
  tf.layers.batchNormalization(),
  tf.layers.maxPooling2d({ poolSize: 2 }),
  tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
];
const model = tf.sequential({ name: 'cnn', layers });
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
const xs = tf.randomUniform([${String(IMAGES)}, 28, 28, 1]);
const ys = tf.oneHot(tf.randomUniform([${String(IMAGES)}], 0, 10, 'int32'), 10);
model.fit(xs, ys, { epochs: ${String(EPOCHS)}, batchSize: 32, verbose: 0 });
`;

const installed = execFileSync(process.execPath, [join(ROOT, 'scripts/install-engine.mjs')], {
  encoding: 'utf8',
});
const homes = installed.trimEnd().split('\n').at(-1) ?? '';
const folder = mkdtempSync(join(tmpdir(), 'permafrost-bench-'));
try {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'train.js'), SCRIPT);
  const [node, cpu] = [fastestEpoch('node'), fastestEpoch('cpu')];
  const ratio = (cpu.milliseconds / node.milliseconds).toFixed(1);
  console.log(
    `engine: an epoch of ${String(IMAGES)} images takes ${node.milliseconds.toFixed(0)} ms on ` +
      `${node.what}, ${cpu.milliseconds.toFixed(0)} ms on ${cpu.what}: ${ratio} times faster`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds of the fastest epoch, and what it ran on. */
function fastestEpoch(engine: string): { readonly milliseconds: number; readonly what: string } {
  writeFileSync(join(folder, 'permafrost.json'), JSON.stringify({ freeze: [], engine }));
  const env = { ...process.env, PERMAFROST_ENGINE_HOMES: homes };
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'run', '--', 'node', 'train.js'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const runs = join(folder, '.permafrost', 'runs');
  const [run = ''] = readdirSync(runs);
  const events = readFileSync(join(runs, run, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  rmSync(runs, { recursive: true });
  const engineEvent = events.find(({ type }) => type === 'engine') ?? {};
  const epochs = events.filter(({ type }) => type === 'epoch-ended');
  return {
    milliseconds: Math.min(...epochs.map(({ milliseconds }) => Number(milliseconds))),
    what: [engineEvent['library'], engineEvent['device']].filter(Boolean).join(', '),
  };
}
