import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** 32-bit words of a tensor that one row holds: 64 KB. */
export const ROW_WORDS = 2 ** 14;
/** Two halves of 16 bits to a word. */
export const ROW_HALVES = 2 * ROW_WORDS;
/** Independent hashes of each row. */
export const LANES = 4;

/** The weights of one process: `LANES` numbers of 32 bits for each half word of a row. */
export interface Weights {
  /** Weight of half word `j` in lane `l` at `LANES * j + l`. */
  readonly byHalf: Uint32Array;
}

/**
 * Makes the weights, as the key stream of AES-128 in counter mode.
 * @param key 16 bytes; random ones unless a test wants the same weights again
 */
export function makeWeights(key: Buffer = randomBytes(16)): Weights {
  const stream = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const bytes = stream.update(Buffer.alloc(4 * LANES * ROW_HALVES));
  const byHalf = new Uint32Array(LANES * ROW_HALVES);
  for (let at = 0; at < byHalf.length; at++) byHalf[at] = bytes.readUInt32LE(4 * at);
  return { byHalf };
}

/**
 * The fingerprint that every device computes alike, here in JavaScript.
 *
 * The bytes of a tensor are 16-bit halves h, cut into rows of 2^15. A row has four hashes
 * H = sum of w[j] * h[j], the weights w being 32 random bits each. H stays below 2^63, so the sum
 * is exact in whatever order a device adds, and nothing relies on how integers overflow. Two rows
 * that differ in h[j] have the same H for at most one of the 2^32 values of w[j], whatever the other
 * weights are: all four hashes agree with probability at most 2^-128, for any two tensors that do
 * not depend on the weights. This is the multilinear family of Carter and Wegman ("Universal
 * classes of hash functions", 1979; Lemire and Kaser, "Strongly universal string hashing is fast",
 * 2014), over the integers. All rows use the same weights, which changes nothing: two tensors
 * agree only if each row that differs does. A weighted sum modulo 2^32 or 2^64 with odd weights, the
 * obvious shorter way, overlooks any two flipped signs.
 *
 * @returns of each row its four hashes, 64 bits little-endian each
 */
export function hashRows(words: Uint32Array, { byHalf }: Weights): Buffer {
  const rows = Math.ceil(words.length / ROW_WORDS);
  const hashes = Buffer.alloc(rows * LANES * 8);
  for (let row = 0; row < rows; row++) {
    const from = row * ROW_WORDS;
    const to = Math.min(from + ROW_WORDS, words.length);
    for (let lane = 0; lane < LANES; lane++) {
      // Sums of 2^15 products of 16 by 16 bits are exact in a double.
      let [low, high] = [0, 0];
      let at = lane;
      for (let word = from; word < to; word++) {
        const value = words[word] ?? 0;
        const [first, second] = [byHalf[at] ?? 0, byHalf[at + LANES] ?? 0];
        low += (value & 0xffff) * (first & 0xffff) + (value >>> 16) * (second & 0xffff);
        high += (value & 0xffff) * (first >>> 16) + (value >>> 16) * (second >>> 16);
        at += 2 * LANES;
      }
      const hash = BigInt(low) + (BigInt(high) << 16n);
      hashes.writeBigUInt64LE(hash, (row * LANES + lane) * 8);
    }
  }
  return hashes;
}

/**
 * Draws the hashes of all rows together, by SHA-256.
 * @param words of the tensor: rows are filled up with zeros, which the hashes do not show
 */
export function digestOf(hashes: Uint8Array, words: number): Buffer {
  return createHash('sha256').update(`${words} words`).update(hashes).digest();
}

/**
 * The words that are fingerprinted for bytes as the host holds them: booleans take a word each, as
 * they do on a WebGPU device.
 * @param dtype TensorFlow.js' element type
 */
export function wordsOf(bytes: Buffer, dtype: string): Uint32Array {
  if (dtype === 'bool') return Uint32Array.from(bytes);
  const { buffer, byteOffset, length } = bytes;
  if (byteOffset % 4 === 0) return new Uint32Array(buffer, byteOffset, length / 4);
  return new Uint32Array(new Uint8Array(bytes).buffer);
}
