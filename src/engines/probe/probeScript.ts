/**
 * Runs in a process of its own under the hook, with the engine to be tried in its config: a few
 * training steps of a workload. Prints one line of JSON, the milliseconds of each step.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ProbeLayer, Workload } from './workload';

/** What the probe needs of TensorFlow.js; the script's own copy is loaded, not its types. */
interface Tensor {
  data(): Promise<unknown>;
  mean(): Tensor;
  add(other: Tensor): Tensor;
}
interface TensorFlow {
  ready(): Promise<void>;
  randomNormal(shape: readonly number[]): Tensor;
  variable(value: Tensor, trainable: boolean): Tensor;
  tensor1d(values: readonly number[], type: 'int32'): Tensor;
  conv2d(x: Tensor, kernel: Tensor, strides: number, pad: 'same'): Tensor;
  depthwiseConv2d(x: Tensor, kernel: Tensor, strides: number, pad: 'same'): Tensor;
  matMul(x: Tensor, kernel: Tensor): Tensor;
  gather(table: Tensor, rows: Tensor): Tensor;
  readonly train: {
    sgd(rate: number): {
      minimize(loss: () => Tensor, returnCost: true, variables: readonly Tensor[]): Tensor;
    };
  };
}

const PACKAGES = ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const RATE = 1e-6;
/** The first step of an engine compiles and allocates. */
const STEPS = 4;

async function main(workload: Workload): Promise<void> {
  const tf = load();
  await tf.ready();
  const layers = workload.layers.map((layer) => build(tf, layer, workload.batch));
  const variables = layers.flatMap(({ variables: own }) => own);
  const loss = (): Tensor =>
    layers.map(({ run }) => run().mean()).reduce((sum, each) => sum.add(each));
  const optimizer = tf.train.sgd(RATE);
  const milliseconds: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const startedAt = performance.now();
    await optimizer.minimize(loss, true, variables).data();
    milliseconds.push(performance.now() - startedAt);
  }
  process.stdout.write(`${JSON.stringify({ milliseconds })}\n`);
  // WebGPU's device would keep the process for a while.
  process.exit();
}

function load(): TensorFlow {
  const project = createRequire(join(process.cwd(), 'permafrost.js'));
  for (const name of PACKAGES) {
    try {
      return project(name) as TensorFlow;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error(`no TensorFlow.js is installed for ${process.cwd()}`);
}

/** A layer whose input, where gradients pass through it, is a variable too. */
function build(
  tf: TensorFlow,
  { op, kernel, size, trained, passes }: ProbeLayer,
  batch: number,
): { readonly variables: readonly Tensor[]; readonly run: () => Tensor } {
  const weights = tf.variable(tf.randomNormal(kernel), trained);
  const inputs = kernel.at(-2) ?? 1;
  const x = tf.variable(
    tf.randomNormal(
      op === 'conv' || op === 'depthwise' ? [batch, size, size, inputs] : [batch, inputs],
    ),
    passes,
  );
  const rows = tf.tensor1d(
    [...Array(batch).keys()].map((row) => row % inputs),
    'int32',
  );
  const variables = [...(trained ? [weights] : []), ...(passes && op !== 'lookup' ? [x] : [])];
  switch (op) {
    case 'conv':
      return { variables, run: () => tf.conv2d(x, weights, 1, 'same') };
    case 'depthwise':
      return { variables, run: () => tf.depthwiseConv2d(x, weights, 1, 'same') };
    case 'dense':
      return { variables, run: () => tf.matMul(x, weights) };
    case 'lookup':
      return { variables, run: () => tf.gather(weights, rows) };
  }
}

void main(JSON.parse(process.argv[2] ?? '') as Workload);
