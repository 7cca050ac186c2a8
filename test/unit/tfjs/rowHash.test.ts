import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  digestOf,
  hashRows,
  LANES,
  makeWeights,
  ROW_HALVES,
  ROW_WORDS,
  wordsOf,
} from '../../../src/tfjs/proof/rowHash';
import { hashesOf, STRIDE } from '../../../src/tfjs/proof/shader';

const weights = makeWeights(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'));
const digest = (words: Uint32Array): string =>
  digestOf(hashRows(words, weights), words.length).toString('hex');

/** `length` words from a counter, the same on every machine. */
function someWords(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 0);
}

/** The definition, word for word, in whole numbers without bounds. */
function hashesByDefinition(words: Uint32Array): Buffer {
  const rows = Math.ceil(words.length / ROW_WORDS);
  const hashes = Buffer.alloc(rows * LANES * 8);
  for (let at = 0; at < rows * LANES; at++) {
    const [row, lane] = [Math.floor(at / LANES), at % LANES];
    let hash = 0n;
    for (let half = 0; half < ROW_HALVES; half++) {
      const word = words[row * ROW_WORDS + (half >> 1)] ?? 0;
      const bits = half % 2 === 0 ? word & 0xffff : word >>> 16;
      hash += BigInt(weights.byHalf[half * LANES + lane] ?? 0) * BigInt(bits);
    }
    hashes.writeBigUInt64LE(hash, at * 8);
  }
  return hashes;
}

test('the hashes are those of the definition', () => {
  for (const length of [1, 2, 1000, ROW_WORDS, ROW_WORDS + 1]) {
    const words = someWords(length);
    expect(hashRows(words, weights).equals(hashesByDefinition(words)), `${length} words`).toBe(
      true,
    );
  }
});

test('the largest sums are exact and below 2^63', () => {
  const largest = { byHalf: new Uint32Array(LANES * ROW_HALVES).fill(0xffffffff) };
  const words = new Uint32Array(ROW_WORDS).fill(0xffffffff);
  const hash = hashRows(words, largest).readBigUInt64LE();
  expect(hash).toBe(BigInt(ROW_HALVES) * 0xffffn * 0xffffffffn);
  expect(hash).toBeLessThan(2n ** 63n);
});

test('the weights are a key stream of AES, for every half word and lane another', () => {
  const { byHalf } = weights;
  // The first block: AES-128 of zeros under the key 000102…0f.
  expect(Buffer.from(byHalf.buffer, 0, 16).toString('hex')).toBe(
    'c6a13b37878f5b826f4f8162a1c8d879',
  );
  expect(byHalf).toHaveLength(LANES * ROW_HALVES);
  expect(new Set(byHalf).size).toBeGreaterThan(byHalf.length * 0.9999);
  expect(makeWeights().byHalf).not.toEqual(byHalf);
});

test('vectors: what every device must come to with this key', () => {
  expect(digest(Uint32Array.of(0))).toBe(
    'd8c14e1dcb87b07815d62d2cd63af44a33bf2f4b6e8ca5c74cabf50f0ad3bc45',
  );
  expect(digest(Uint32Array.of(0x80000000))).toBe(
    '7def52748703cb23ade42786156982b6381dbf4b28328b12af2134728dd810cd',
  );
  expect(digest(someWords(3))).toBe(
    '586d943728623bab7c67ab7e20dbdb1e02cb16de8003d315c682a448cbb4e2df',
  );
  expect(digest(someWords(3 * ROW_WORDS + 5))).toBe(
    '47f6745c61e83b0368fc0b6c9e17fd1d4d70f33d0635ed7cfed7eeec2bab0c7a',
  );
});

test('zeros at the end count', () => {
  expect(digest(Uint32Array.of(1))).not.toBe(digest(Uint32Array.of(1, 0)));
});

test('the digest draws the rows in their order', () => {
  const hashes = hashRows(someWords(2 * ROW_WORDS), weights);
  const swapped = Buffer.concat([hashes.subarray(32), hashes.subarray(0, 32)]);
  const words = 2 * ROW_WORDS;
  expect(digestOf(swapped, words).equals(digestOf(hashes, words))).toBe(false);
  const expected = createHash('sha256').update(`${words} words`).update(hashes).digest();
  expect(digestOf(hashes, words).equals(expected)).toBe(true);
});

test('booleans take a word each, and bytes may lie anywhere', () => {
  expect([...wordsOf(Buffer.from([1, 0, 1]), 'bool')]).toEqual([1, 0, 1]);
  const shifted = Buffer.from([9, 1, 2, 3, 4, 5, 6, 7, 8]).subarray(1);
  expect([...wordsOf(shifted, 'float32')]).toEqual([0x04030201, 0x08070605]);
});

test('the parts that the shader writes make the hash; a row without its mark makes none', () => {
  const written = new Uint32Array(2 * STRIDE);
  written.set([7, 0xfffffff0, 5], 0);
  written[STRIDE - 1] = 1;
  expect(() => hashesOf(written)).toThrow('left a row out');
  written[2 * STRIDE - 1] = 2;
  expect(hashesOf(written).readBigUInt64LE()).toBe(7n + (0xfffffff0n << 16n) + (5n << 32n));
});
