const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const tf = require('@tensorflow/tfjs');

const SIDE = 8;
const BLACK = 16;

/**
 * The images of the digits `first` to `last`, every fifth held out for testing.
 * Returns `train` and `test`, each with `x` [n, 8, 8, 1] from 0 to 1 and one-hot `y` [n, digits].
 */
function loadDigits(first, last) {
  const file = path.join(__dirname, 'data', 'digits.csv.gz');
  const rows = zlib.gunzipSync(fs.readFileSync(file)).toString().trim().split('\n');
  const images = rows
    .map((row) => row.split(',').map(Number))
    .map((row) => ({ pixels: row.slice(0, -1).map((v) => v / BLACK), digit: row.at(-1) }))
    .filter(({ digit }) => digit >= first && digit <= last);
  const batch = (list) => ({
    x: tf.tensor4d(
      list.flatMap(({ pixels }) => pixels),
      [list.length, SIDE, SIDE, 1],
    ),
    y: tf
      .oneHot(
        list.map(({ digit }) => digit - first),
        last - first + 1,
      )
      .toFloat(),
  });
  return {
    train: batch(images.filter((_, index) => index % 5 !== 0)),
    test: batch(images.filter((_, index) => index % 5 === 0)),
  };
}

module.exports = { loadDigits, SIDE };
