import { readFileSync, writeFileSync } from 'node:fs';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder, type Scratch } from './scratch';

/** A project whose training a test lets go on epoch by epoch. */
export interface GatedProject extends Scratch {
  /** Lets all epochs up to `epoch` train. */
  open(epoch: number): void;
  /** Text of permafrost.json on the disk. */
  config(): string;
  /** Writes permafrost.json as by hand. */
  setConfig(config: string | Readonly<Record<string, unknown>>): Promise<void>;
  /** Ids of the runs, oldest first. */
  runs(): Promise<readonly string[]>;
  /** Path of the events of a run. */
  events(id: string): string;
  append(id: string, text: string): Promise<void>;
}

/**
 * A model of two dense layers with a BatchNormalization between them, named by hand. Each epoch
 * waits until the file `gate` holds its number. `node train.js EPOCHS [crash-in EPOCH]`.
 */
const TRAIN = `
const fs = require('node:fs');
const tf = require('@tensorflow/tfjs');
const [epochs = '3', crash = '0'] = process.argv.slice(2);
const gate = async (epoch) => {
  while (Number(fs.readFileSync('gate', 'utf8')) < epoch) await new Promise((r) => setTimeout(r, 30));
};
const model = tf.sequential({
  name: 'net',
  layers: [
    tf.layers.dense({ name: 'first', units: 4, inputShape: [3], activation: 'relu' }),
    tf.layers.batchNormalization({ name: 'norm' }),
    tf.layers.dense({ name: 'last', units: 1 }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
const x = tf.randomNormal([32, 3]);
const y = tf.sum(x, 1, true);
model.fit(x, y, {
  epochs: Number(epochs),
  batchSize: 8,
  verbose: 0,
  callbacks: {
    onEpochBegin: async (epoch) => {
      await gate(epoch + 1);
      if (epoch + 1 === Number(crash)) throw new Error('crashed on purpose');
    },
    onEpochEnd: (epoch, logs) => console.log('epoch ' + (epoch + 1) + ' loss ' + logs.loss.toFixed(3)),
  },
}).then(() => console.log('trained'));
`;

/** A gated project with \`config\` as its permafrost.json and no epoch let go. */
export async function gatedProject(
  config: Readonly<Record<string, unknown>>,
): Promise<GatedProject> {
  const scratch = await scratchFolder({
    'train.js': TRAIN,
    gate: '0',
    'permafrost.json': `${JSON.stringify(config, null, 2)}\n`,
  });
  const { folder } = scratch;
  const runs = join(folder, '.permafrost', 'runs');
  const configFile = join(folder, 'permafrost.json');
  const events = (id: string): string => join(runs, id, 'events.jsonl');
  return {
    ...scratch,
    open: (epoch) => {
      writeFileSync(join(folder, 'gate'), String(epoch));
    },
    config: () => readFileSync(configFile, 'utf8'),
    setConfig: (value) =>
      writeFile(
        configFile,
        typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`,
      ),
    runs: async () => (await readdir(runs).catch(() => [])).sort(),
    events,
    append: (id, text) => appendFile(events(id), text),
  };
}
