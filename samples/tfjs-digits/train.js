// Fine-tunes the network of pretrain.js, which knows 0 to 4, to the digits 5 to 9.
const path = require('node:path');
const tf = require('@tensorflow/tfjs');
const { loadDigits } = require('./digits');
const { loadFrom, saveTo } = require('./files');

const EPOCHS = Number(process.argv[2] ?? 8);

async function main() {
  const { train, test } = loadDigits(5, 9);
  const pretrained = await tf.loadLayersModel(loadFrom(path.join(__dirname, 'pretrained')));
  const head = tf.layers.dense({
    name: 'head',
    units: 5,
    activation: 'softmax',
    kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }),
  });
  const model = tf.model({
    name: 'digits',
    inputs: pretrained.inputs,
    outputs: head.apply(pretrained.getLayer('dense').output),
  });
  model.compile({
    optimizer: tf.train.adam(0.01),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });

  const [, before] = model.evaluate(test.x, test.y);
  console.log(`before: accuracy ${before.dataSync()[0].toFixed(3)}`);
  await model.fit(train.x, train.y, {
    epochs: EPOCHS,
    batchSize: 32,
    verbose: 0,
    validationData: [test.x, test.y],
    callbacks: {
      onEpochEnd: (epoch, { loss, val_acc: accuracy }) =>
        console.log(
          `epoch ${epoch + 1}/${EPOCHS}: loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`,
        ),
    },
  });
  await model.save(saveTo(path.join(__dirname, 'finetuned')));
}

main();
