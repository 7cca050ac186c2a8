import { openCheckpoint } from '../../../../src/model/checkpoint/openCheckpoint';
import type { Checkpoint } from '../../../../src/model/checkpoint/checkpoint';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { zipFile, type Written } from './zipFile';

/** Pickles written opcode by opcode: what no pickler would write too. */
export type Piece = string | Uint8Array;

export const bytes = (...pieces: readonly Piece[]): Buffer =>
  Buffer.concat(
    pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
  );

const sized = (opcode: string, value: number): Buffer => {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(value);
  return bytes(opcode, number);
};

export const text = (value: string): Buffer => {
  const utf8 = Buffer.from(value);
  return bytes(sized('X', utf8.length), utf8);
};
export const int = (value: number): Buffer => sized('J', value);
export const long = (value: bigint): Buffer => bytes(`L${String(value)}L\n`);
export const global = (module: string, name: string): Buffer => bytes(`c${module}\n${name}\n`);
export const tuple = (...items: readonly Piece[]): Buffer => bytes('(', ...items, 't');
export const list = (...items: readonly Piece[]): Buffer => bytes('(', ...items, 'l');
export const dict = (entries: Readonly<Record<string, Piece>>): Buffer =>
  bytes('}(', ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), 'u');
export const call = (callee: Piece, ...args: readonly Piece[]): Buffer =>
  bytes(callee, tuple(...args), 'R');
export const put = (index: number): Buffer => sized('r', index);
export const get = (index: number): Buffer => sized('j', index);

/** An object of a class with attributes. */
export const object = (module: string, name: string, state: Piece): Buffer =>
  bytes(global(module, name), ')\x81', state, 'b');

export const storage = (key: string, elements: number, type = 'FloatStorage'): Buffer =>
  bytes(tuple(text('storage'), global('torch', type), text(key), text('cpu'), int(elements)), 'Q');

export const tensor = (
  of: Piece,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Buffer =>
  call(
    global('torch._utils', '_rebuild_tensor_v2'),
    ...[of, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), '\x89', '}'],
  );

/** A vector of its own storage. */
export const vector = (key: string, elements = 2): Buffer =>
  tensor(storage(key, elements), [elements], [1]);

/** An `nn.Module`. */
export const module = (
  name: string,
  parts: Readonly<Record<'parameters' | 'buffers' | 'modules', Readonly<Record<string, Piece>>>>,
  origin = 'torch.nn.modules',
): Buffer =>
  object(
    origin,
    name,
    dict({
      _parameters: dict(parts.parameters),
      _buffers: dict(parts.buffers),
      _modules: dict(parts.modules),
    }),
  );

/** A file of torch with storages `0` to `9` of 16 bytes. */
export function torchFile(pickle: Piece, others: readonly Written[] = []): Uint8Array {
  const storages = Array.from({ length: 10 }, (_, key) => ({
    name: `m/data/${String(key)}`,
    content: new Uint8Array(16).fill(key),
  }));
  const content = bytes('\x80\x02', pickle, '.');
  return zipFile([{ name: 'm/data.pkl', content }, ...storages, ...others]);
}

export function open(file: Uint8Array): Checkpoint {
  return openCheckpoint(new MemorySource('model.pt', file), {
    open() {
      throw new Error('It names no other file.');
    },
  });
}

export const read = (pickle: Piece, others: readonly Written[] = []): Checkpoint =>
  open(torchFile(pickle, others));
