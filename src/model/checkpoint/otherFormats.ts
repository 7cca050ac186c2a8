/** What a file is that no reader knows, so that the message can say it. */

const READ = 'safetensors, PyTorch, TensorFlow.js, Keras 3 and NumPy .npz';

interface Known {
  /** How such a file begins; of the texts, one. */
  readonly begins?: RegExp;
  /** What its name ends with. */
  readonly ends?: RegExp;
  readonly reason: string;
}

const notRead = (what: string, way: string): string => `this is ${what}, which is not read. ${way}`;

/** In the order in which they are asked. */
const OTHERS: readonly Known[] = [
  {
    begins: /^version https:\/\/git-lfs/,
    reason: 'this is a Git LFS pointer, not the checkpoint itself. Fetch it with git lfs pull.',
  },
  {
    begins: /^\s*<(!doctype html|html)/i,
    reason: 'this is a web page, not a checkpoint: the download went wrong. Download it again.',
  },
  {
    begins: /^GGUF/,
    reason: notRead('a GGUF file', 'Open the safetensors or PyTorch file that it was made from.'),
  },
  {
    begins: /^....TFL3/s,
    ends: /\.tflite$/i,
    reason: notRead('a TensorFlow Lite model', 'Its weights are constants: open the Keras model.'),
  },
  {
    begins: /^\x08[\x01-\x0f]\x12.{1,40}?(pytorch|onnx|tf2onnx|keras|skl2onnx|producer)/s,
    ends: /\.onnx$/i,
    reason: notRead(
      'an ONNX model',
      'Open the checkpoint of the framework that it was exported from.',
    ),
  },
  {
    ends: /\.pb$/i,
    reason: notRead('a TensorFlow SavedModel', 'Save the model as .keras or .weights.h5.'),
  },
  {
    ends: /\.ckpt-\d+\.(index|data-\d+-of-\d+)$|\.(index|data-\d+-of-\d+)$/i,
    reason: notRead('a TensorFlow checkpoint', 'Save the model as .keras or .weights.h5.'),
  },
  {
    ends: /\.msgpack$/i,
    reason: notRead('a Flax checkpoint in msgpack', 'Save its parameters as safetensors.'),
  },
  {
    begins: /^\x1f\x8b/,
    reason: 'this file is compressed with gzip. Unpack it and open what is in it.',
  },
  {
    begins: /^\x28\xb5\x2f\xfd|^\xfd7zXZ\0|^7z\xbc\xaf/,
    reason: 'this file is compressed. Unpack it and open what is in it.',
  },
  {
    begins: /^\x80[\x02-\x05]/,
    ends: /\.(pkl|pickle)$/i,
    reason: notRead(
      'a pickle that torch.save did not write',
      'It is a program that unpickling would run. Save the weights with torch.save or as safetensors.',
    ),
  },
];

/**
 * Why a file is not read, and the way out.
 * @param head its first bytes
 * @param name its path
 */
export function whyNotRead(head: Uint8Array, name: string): string {
  if (head.length === 0) return 'the file is empty.';
  const text = Buffer.from(head.subarray(0, 256)).toString('latin1');
  const byContent = OTHERS.find(({ begins }) => begins?.test(text));
  const known = byContent ?? OTHERS.find(({ ends }) => ends?.test(name));
  return known?.reason ?? `the file is in no format that Permafrost reads: ${READ}.`;
}
