export async function train(model, x, y) {
  const tf = await import('@tensorflow/tfjs');
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  await model.fit(x, y, { epochs: 2, verbose: 0 });
}
