// Cross-validation: a model made again for each fold, layers named by TF.js.
const tf = require('@tensorflow/tfjs');

function createModel() {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 4, inputShape: [2], activation: 'relu' }));
  model.add(tf.layers.dense({ units: 1 }));
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

(async () => {
  for (let fold = 0; fold < 3; fold++) {
    const model = createModel();
    await model.fit(tf.ones([4, 2]), tf.zeros([4, 1]), { epochs: 2, verbose: 0 });
    console.log(fold, model.name);
    model.dispose();
  }
})();
