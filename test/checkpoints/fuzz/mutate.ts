import type { Random } from '../bytes/random';
import { unzip, type PlainEntry } from '../bytes/unzip';
import { zipOf, type LyingEntry } from '../bytes/zip';
import { EXTREMES, joined, mutateBytes } from './mutateBytes';
import { mutateJson } from './mutateJson';
import { mutatePickle } from './mutatePickle';
import type { Seed } from './seeds';

/** The seed with some of its bytes changed; the same for the same numbers. */
export function mutate(seed: Seed, random: Random, seeds: readonly Seed[]): Seed {
  const files = new Map(seed.files);
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count -= 1) {
    const name = random.pick([seed.main, ...files.keys()]);
    const other = random.pick(seeds);
    const donor = other.files.get(other.main) ?? new Uint8Array(0);
    files.set(name, mutateFile(files.get(name) ?? new Uint8Array(0), random, donor));
  }
  return { ...seed, files };
}

/** One change, more often than not of the kind that the file's format understands. */
function mutateFile(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  if (random.below(4) === 0) return mutateBytes(bytes, random, other);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text[0] === 0x7b) return Buffer.from(mutateJson(text.toString(), random));
  if (text[0] === 0x80) return mutatePickle(bytes, random);
  if (text[8] === 0x7b) return mutateSafetensors(text, random);
  if (text.toString('latin1', 0, 4) === 'PK\x03\x04') return mutateZip(bytes, random, other);
  return mutateBytes(bytes, random, other);
}

function mutateSafetensors(bytes: Buffer, random: Random): Uint8Array {
  const length = Number(bytes.readBigUInt64LE());
  const header = Buffer.from(mutateJson(bytes.toString('utf8', 8, 8 + length), random));
  const count = Buffer.alloc(8);
  const lies = random.below(8) === 0;
  count.writeBigUInt64LE(lies ? random.pick(EXTREMES) : BigInt(header.length));
  return joined(count, header, bytes.subarray(8 + length));
}

/** An archive that is in order with an entry that is not, or the other way round. */
function mutateZip(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let entries: readonly PlainEntry[];
  try {
    entries = unzip(bytes);
  } catch {
    return mutateBytes(bytes, random, other);
  }
  if (entries.length === 0) return mutateBytes(bytes, random, other);
  const pickles = entries.filter(({ name }) => name.endsWith('.pkl'));
  const chosen = random.pick(pickles.length > 0 && random.below(4) > 0 ? pickles : entries);
  const changed = entries.flatMap((entry): readonly LyingEntry[] => {
    if (entry !== chosen) return [entry];
    switch (random.below(10)) {
      case 0:
        return [];
      case 1:
        return [entry, entry];
      case 2:
        return [entry, { ...entry, name: `${entry.name}2`, sharesData: true }];
      case 3:
        return [{ ...entry, ...lie(random) }];
      case 4:
        return [{ ...entry, deflated: !entry.deflated }];
      default:
        return [{ ...entry, content: mutateEntry(entry, random, other) }];
    }
  });
  return zipOf(changed);
}

function mutateEntry({ name, content }: PlainEntry, random: Random, other: Uint8Array): Uint8Array {
  if (name.endsWith('.pkl') && random.below(8) > 0) return mutatePickle(content, random);
  if (name.endsWith('.json') && random.below(8) > 0) {
    return Buffer.from(mutateJson(Buffer.from(content).toString(), random));
  }
  return mutateBytes(content, random, other);
}

function lie(random: Random): Partial<LyingEntry> {
  const number = Number(random.pick(EXTREMES.filter((each) => each <= 0xffff_ffffn)));
  const short = number & 0xffff;
  return random.pick<Partial<LyingEntry>>([
    { bytes: number },
    { compressedBytes: number },
    { header: number },
    { crc: number },
    { flags: short },
    { method: short },
    { name: random.pick(['../x', '/x', '', 'a\0b', '__proto__', 'archive/data.pkl']) },
    { localName: 'x' },
  ]);
}
