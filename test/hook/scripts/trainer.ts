// A trainer class in TypeScript.
import * as tf from '@tensorflow/tfjs';

interface Options {
  readonly epochs: number;
  readonly learningRate: number;
}

class Trainer {
  private readonly model: tf.Sequential;

  constructor(private readonly options: Options) {
    this.model = tf.sequential({ name: 'regression' });
    this.model.add(tf.layers.dense({ name: 'hidden', units: 4, inputShape: [3] }));
    this.model.add(tf.layers.dense({ name: 'out', units: 1 }));
    this.model.compile({
      optimizer: tf.train.rmsprop(options.learningRate),
      loss: 'meanSquaredError',
    });
  }

  async run(): Promise<number> {
    const x = tf.ones([4, 3]);
    const y = tf.zeros([4, 1]);
    const { history } = await this.model.fit(x, y, { epochs: this.options.epochs, verbose: 0 });
    return (history['loss'] as number[]).length;
  }
}

void new Trainer({ epochs: 2, learningRate: 0.01 }).run().then((count) => {
  console.log('epochs', count);
});
