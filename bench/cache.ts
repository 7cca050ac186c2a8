/**
 * The sample's kind of network with its convolutions frozen, on its digits as 32 x 32 images, 5
 * epochs in pure JavaScript, with the frozen prefix computed once (`"cache": "on"`):
 * - an epoch, from the second on, without the cache against with it: at least 5 times;
 * - the process with the cache against a script written by hand, without Permafrost, that
 *   computes the features first and trains the head on them: at most 1.2 times.
 * Processor time is compared, so that what else the machine does counts for nothing.
 *   npx tsx bench/cache.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/workbench/harness/installed';
import { sampleFolder } from '../test/workbench/harness/scratch';
import { median } from './median';

const ROUNDS = Number(process.argv[2] ?? 3);
const EPOCHS = 5;
const FASTER = 5;
const BY_HAND = 1.2;
const CLI = join(ROOT, 'dist', 'cli.js');

/** The sample's network and digits, four times as wide and high: 32 x 32, as MNIST about is. */
const COMMON = `
const tf = require('@tensorflow/tfjs');
const { loadDigits } = require('./digits');
const EPOCHS = ${EPOCHS};
let state = 7;
Math.random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const large = (x) => tf.image.resizeNearestNeighbor(x, [32, 32]);
const seed = (n) => tf.initializers.heNormal({ seed: n });
const block = (n, filters, more) => [
  tf.layers.conv2d({ name: 'conv' + n, filters, kernelSize: 3, padding: 'same', kernelInitializer: seed(n), ...more }),
  tf.layers.batchNormalization({ name: 'bn' + n }),
  tf.layers.reLU({ name: 'relu' + n }),
  tf.layers.maxPooling2d({ name: 'pool' + n, poolSize: 2 }),
];
const convolutions = () => [
  ...block(1, 8, { inputShape: [32, 32, 1] }),
  ...block(2, 16),
  ...block(3, 32),
  tf.layers.flatten({ name: 'flat' }),
];
const head = (more) => [
  tf.layers.dense({ name: 'dense', units: 32, activation: 'relu', kernelInitializer: seed(4), ...more }),
  tf.layers.dense({ name: 'head', units: 5, activation: 'softmax', kernelInitializer: seed(5) }),
];
async function train(model, x, y, validationData) {
  model.compile({ optimizer: tf.train.adam(0.003), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const times = [];
  let before = process.cpuUsage();
  const callbacks = {
    onEpochBegin: () => (before = process.cpuUsage()),
    onEpochEnd: () => times.push(process.cpuUsage(before).user / 1000),
  };
  const { history } = await model.fit(x, y, { epochs: EPOCHS, batchSize: 32, verbose: 0, validationData, callbacks });
  const whole = process.cpuUsage().user / 1000;
  console.log(JSON.stringify({ accuracy: history.val_acc.at(-1), epochs: times.slice(1), whole }));
}
const { train: { x, y }, test } = loadDigits(5, 9);
`;
const WHOLE = `${COMMON}
train(tf.sequential({ name: 'digits', layers: [...convolutions(), ...head()] }), large(x), y, [large(test.x), test.y]);
`;
/** Computes the features first and trains the head on them. */
const HAND_WRITTEN = `${COMMON}
const base = tf.sequential({ layers: convolutions() });
const rest = tf.sequential({ layers: head({ inputShape: base.outputs[0].shape.slice(1) }) });
const features = (images) => base.predict(large(images), { batchSize: 32 });
train(rest, features(x), y, [features(test.x), test.y]);
`;

void main();

async function main(): Promise<void> {
  const folders = await Promise.all([1, 2, 3].map(() => sampleFolder('tfjs-digits')));
  const [cached, plain, hand] = folders.map(({ folder }) => folder) as [string, string, string];
  const freeze = ['conv*/*', 'bn*/*'];
  writeFileSync(join(cached, 'permafrost.json'), JSON.stringify({ freeze, cache: 'on' }));
  writeFileSync(join(plain, 'permafrost.json'), JSON.stringify({ freeze, cache: 'off' }));
  for (const folder of [cached, plain]) writeFileSync(join(folder, 'whole.js'), WHOLE);
  writeFileSync(join(hand, 'hand.js'), HAND_WRITTEN);
  const under = (folder: string): Promise<Times> =>
    times([CLI, 'run', '--', 'node', 'whole.js'], folder);
  const gains: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [ours, theirs] = await Promise.all([under(cached), times(['hand.js'], hand)]);
    const without = await under(plain);
    if (ours.accuracy !== without.accuracy) throw new Error('the cache changes what is learnt');
    gains.push(median(without.epochs) / median(ours.epochs));
    ratios.push(ours.whole / theirs.whole);
  }
  await Promise.all(folders.map((each) => each.dispose()));
  const list = (values: readonly number[]): string =>
    values.map((each) => each.toFixed(2)).join(' ');
  const [gain, ratio] = [median(gains), median(ratios)];
  console.log(`cache: an epoch ${gain.toFixed(1)} times faster (${list(gains)}; target ${FASTER})`);
  console.log(
    `cache: ${ratio.toFixed(2)} of a script written by hand (${list(ratios)}; target ${BY_HAND})`,
  );
  if (gain < FASTER || ratio > BY_HAND) process.exitCode = 1;
}

/** Processor time in milliseconds: of each epoch from the second on, and of the whole process. */
interface Times {
  readonly epochs: readonly number[];
  readonly whole: number;
  readonly accuracy: number;
}

function times(args: readonly string[], cwd: string): Promise<Times> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const line = output.split('\n').find((each) => each.startsWith('{"accuracy"'));
      if (code === 0 && line !== undefined) resolve(JSON.parse(line) as Times);
      else reject(new Error(`node ${args.join(' ')} exited ${String(code)}: ${errors}`));
    });
  });
}
