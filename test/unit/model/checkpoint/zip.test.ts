import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { readEntry, readZip, zipStorage } from '../../../../src/model/checkpoint/zip/zip';
import { zipFile, type Written } from './zipFile';

const source = (bytes: Uint8Array): MemorySource => new MemorySource('model.pt', bytes);
const hello = { name: 'a/hello', content: Buffer.from('hello') };

function open(...entries: Written[]) {
  const file = source(zipFile(entries));
  return { file, entries: [...readZip(file).entries.values()] };
}

describe('readZip', () => {
  it('gives names, sizes, checksums and places, padding passed over', () => {
    const { file, entries } = open({ ...hello, padding: 23 }, { name: 'b', content: Buffer.of(1) });
    const [first, second] = entries;
    expect(first).toMatchObject({ name: 'a/hello', bytes: 5, method: 'stored', offset: 60 });
    expect(first?.crc32).toBe(0x3610a686);
    expect(second?.name).toBe('b');
    if (first === undefined) throw new Error();
    expect(Buffer.from(readEntry(file, first, 5)).toString()).toBe('hello');
    expect(zipStorage(file, first).place).toEqual({ source: file, offset: 60 });
  });

  it('finds the end behind a comment that holds another end', () => {
    const inner = Buffer.from(zipFile([])).toString('latin1');
    expect(readZip(source(zipFile([hello], `x${inner.slice(0, 12)}`))).entries.size).toBe(1);
  });

  it('keeps names that are no paths', () => {
    const names = ['../../etc/passwd', '/x', 'a\0b', '\u202egnp.exe', 'C:\\x'];
    const { entries } = open(...names.map((name) => ({ name, content: Buffer.of(1) })));
    expect(entries.map(({ name }) => name)).toEqual(names);
  });

  it('inflates in steps, back and forth', () => {
    const content = new Uint8Array(Buffer.concat([randomBytes(200_000), Buffer.alloc(3_000_000)]));
    const { file, entries } = open({ name: 'x', content, deflate: true });
    const [entry] = entries;
    if (entry === undefined) throw new Error();
    expect(Buffer.from(readEntry(file, entry, 4_000_000)).equals(content)).toBe(true);
    const storage = zipStorage(file, entry);
    for (const at of [150_000, 10, 3_199_990]) {
      const part = new Uint8Array(10);
      storage.readInto(at, part);
      expect(part).toEqual(content.slice(at, at + 10));
    }
    expect(() => readEntry(file, entry, 1000)).toThrow(/no more than 1000/);
  });

  it('takes a checksum of 0 for none: torch writes it where it computes none', () => {
    const { entries } = open({ ...hello, crc32: 0 });
    expect(entries[0]?.crc32).toBeNull();
  });

  it.each<[string, Written[], RegExp]>([
    ['two of one name', [hello, hello], /"a\/hello" stands in it twice/],
    ['encryption', [{ ...hello, flags: 1 }], /is encrypted/],
    ['another compression', [{ ...hello, method: 93 }], /other than deflate/],
    ['entries upon each other', [hello, { ...hello, name: 'b', header: 0 }], /overlaps/],
    ['a stored size that differs', [{ ...hello, bytes: 4 }], /cannot be right/],
    [
      'more than deflate can make',
      [{ ...hello, deflate: true, bytes: 0xfffffff0 }],
      /cannot be right/,
    ],
    ['data behind the directory', [{ ...hello, header: 0xffff }], /overlaps/],
  ])('refuses %s', (_, entries, reason) => {
    expect(() => open(...entries)).toThrow(reason);
  });

  it.each<[string, Written, RegExp]>([
    ['another name', { ...hello, localName: 'a/jello' }, /another name in its local header/],
    ['another size', { ...hello, localBytes: 4 }, /another size in its local header/],
    ['a wrong checksum', { ...hello, crc32: 1 }, /checksum/],
    ['less than it says', { ...hello, deflate: true, bytes: 6 }, /inflates to less/],
    ['more than it says', { ...hello, deflate: true, bytes: 4 }, /inflates to more/],
    ['no deflate', { ...hello, method: 8, content: Buffer.from([255, 255]) }, /inflated/],
  ])('refuses, when it is read, an entry with %s', (_, written, reason) => {
    const { file, entries } = open(written);
    const [entry] = entries;
    if (entry === undefined) throw new Error();
    expect(() => readEntry(file, entry, 100)).toThrow(reason);
  });

  it('says that an archive is cut short, wherever it is cut', () => {
    const whole = zipFile([hello, { name: 'b', content: Buffer.of(1, 2) }]);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readZip(source(whole.subarray(0, length)))).toThrow(/^model\.pt: /);
    }
  });

  it('believes no count of entries', () => {
    const lying = Buffer.from(zipFile([hello]));
    lying.writeUInt16LE(0xfff0, lying.length - 12);
    expect(() => readZip(source(lying))).toThrow(/cannot be right/);
  });
});
