// The file:// of tfjs-node, for plain @tensorflow/tfjs: model.json and weights.bin in a folder.
const fs = require('node:fs');
const path = require('node:path');

function saveTo(folder) {
  return {
    async save({ modelTopology, weightSpecs, weightData }) {
      const weights = Buffer.from(weightData);
      const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      const model = { format: 'layers-model', modelTopology, weightsManifest: manifest };
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model, null, 2) + '\n');
      fs.writeFileSync(path.join(folder, 'weights.bin'), weights);
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  };
}

function loadFrom(folder) {
  return {
    async load() {
      const text = fs.readFileSync(path.join(folder, 'model.json'), 'utf8');
      const { modelTopology, weightsManifest } = JSON.parse(text);
      const weights = fs.readFileSync(path.join(folder, 'weights.bin'));
      const weightData = new Uint8Array(weights).buffer;
      return { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
    },
  };
}

module.exports = { loadFrom, saveTo };
