import type { Random } from '../bytes/random';

/** Lengths and counts that programs forget: as 64-bit numbers. */
export const EXTREMES: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fffen,
  0xffff_ffffn,
  1n << 32n,
  1n << 40n,
  (1n << 53n) - 1n,
  1n << 53n,
  1n << 62n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const flipBits: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    const at = random.below(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  }
  return changed;
};

const setBytes: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  changed.set(
    random.bytes(1 + random.below(4)).subarray(0, changed.length),
    random.below(changed.length - 3),
  );
  return changed;
};

const setNumber: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  const field = new DataView(new ArrayBuffer(8));
  field.setBigUint64(0, random.pick(EXTREMES), random.below(4) > 0);
  const width = random.pick([1, 2, 4, 8]);
  const number = new Uint8Array(field.buffer).subarray(0, width);
  if (changed.length >= width) changed.set(number, random.below(changed.length - width + 1));
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const extend: Mutation = (bytes, random) => joined(bytes, random.bytes(1 + random.below(64)));

const splice: Mutation = (bytes, random, other) =>
  joined(bytes.slice(0, random.below(bytes.length)), other.slice(random.below(other.length)));

const duplicate: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return joined(bytes.slice(0, to), bytes.slice(from));
};

const remove: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return joined(bytes.slice(0, from), bytes.slice(to));
};

const blank: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return bytes.slice().fill(random.pick([0, 0xff]), from, to);
};

const copyOver: Mutation = (bytes, random) => {
  const [from, to] = range(bytes, random);
  return bytes.slice().copyWithin(random.below(bytes.length), from, to);
};

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  flipBits,
  setBytes,
  setNumber,
  setNumber,
  setNumber,
  truncate,
  extend,
  splice,
  duplicate,
  remove,
  blank,
  copyOver,
];

/** Without any idea of the format. */
export function mutateBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  if (bytes.length < 4) return random.bytes(random.below(64));
  return random.pick(MUTATIONS)(bytes, random, other);
}

function range(bytes: Uint8Array, random: Random): readonly [number, number] {
  const from = random.below(bytes.length);
  const length = 1 + random.below(random.pick([8, 64, 1024]));
  return [from, Math.min(bytes.length, from + length)];
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
