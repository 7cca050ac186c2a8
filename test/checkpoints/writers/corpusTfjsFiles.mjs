// A tiny model of TensorFlow.js itself: `node corpusTfjsFiles.mjs FOLDER`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tf from '@tensorflow/tfjs';

const folder = join(process.argv[2], 'tfjs-layers');
mkdirSync(folder, { recursive: true });
const inside = tf.sequential({ name: 'inside' });
inside.add(tf.layers.dense({ inputShape: [2], units: 2, name: 'first' }));
const model = tf.sequential({ name: 'tiny' });
model.add(inside);
model.add(tf.layers.batchNormalization({ name: 'norm' }));
await model.save({
  async save({ modelTopology, weightSpecs, weightData }) {
    writeFileSync(join(folder, 'weights.bin'), Buffer.from(weightData));
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    const file = { format: 'layers-model', modelTopology, weightsManifest };
    writeFileSync(join(folder, 'model.json'), JSON.stringify(file));
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  },
});
