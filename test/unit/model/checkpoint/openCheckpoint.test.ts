import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../../src/model/checkpoint/byteSource';
import type { Checkpoint } from '../../../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { openCheckpoint } from '../../../../src/model/checkpoint/openCheckpoint';
import { openCheckpointFile } from '../../../../src/model/checkpoint/openFile';
import { zipFile } from './zipFile';

const folder = mkdtempSync(join(tmpdir(), 'permafrost-open-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A safetensors file of tensors of one byte. */
function safetensors(...names: readonly string[]): Buffer {
  const entries = names.map((name, index) => [
    name,
    { dtype: 'U8', shape: [1], data_offsets: [index, index + 1] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, Buffer.alloc(names.length)]);
}

/** Counts what is open. */
class Watched extends MemorySource {
  static open = 0;

  constructor(name: string, bytes: Uint8Array) {
    super(name, bytes);
    Watched.open++;
  }

  override close(): void {
    Watched.open--;
  }
}

function openAll(
  name: string,
  content: Uint8Array,
  files: Readonly<Record<string, Uint8Array>> = {},
): Checkpoint {
  return openCheckpoint(new Watched(name, content), {
    open(sibling): ByteSource {
      const bytes = files[sibling];
      if (bytes === undefined) throw new CheckpointError(sibling, null, 'there is no such file.');
      return new Watched(sibling, bytes);
    },
  });
}

function refusal(open: () => Checkpoint): CheckpointError {
  try {
    open();
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('a file of another kind', () => {
  it.each<[string, string, string | Uint8Array, RegExp]>([
    ['is empty', 'a.pt', '', /the file is empty/],
    [
      'is a pointer of Git LFS',
      'a.pt',
      'version https://git-lfs.github.com/spec/v1\n',
      /git lfs pull/,
    ],
    ['is a web page', 'a.pt', '<!DOCTYPE html><html>', /the download went wrong/],
    ['is GGUF', 'a.bin', 'GGUF\u0003\0\0\0', /a GGUF file, which is not read/],
    ['is TensorFlow Lite', 'a', '\u001c\0\0\0TFL3', /TensorFlow Lite/],
    ['is ONNX', 'a', '\b\u0007\u0012\u0007pytorch', /an ONNX model/],
    ['is called so', 'a.onnx', '\b\u0007', /an ONNX model/],
    ['is a SavedModel', 'saved_model.pb', '\b\u0001', /a TensorFlow SavedModel/],
    ['is a checkpoint of TensorFlow', 'model.ckpt-9.index', '\0', /a TensorFlow checkpoint/],
    ['is of Flax', 'flax_model.msgpack', Buffer.from([0x81, 0xa6]), /a Flax checkpoint/],
    ['is compressed', 'a.pt.gz', Buffer.from([0x1f, 0x8b, 8]), /compressed with gzip. Unpack it/],
    [
      'is a pickle',
      'a.bin',
      Buffer.from([0x80, 4, 0x95]),
      /a pickle that torch.save did not write/,
    ],
    ['is a text', 'a.pt', 'hello', /in no format that Permafrost reads: safetensors, PyTorch,/],
    ['is some JSON', 'package.json', '{"name": "x"}', /neither a TensorFlow.js model.json nor/],
    [
      'is some archive',
      'a.zip',
      zipFile([{ name: 'a', content: Buffer.from('b') }]),
      /this archive is none/,
    ],
  ])('that %s is refused by name', (_, name, content, message) => {
    const error = refusal(() => openAll(name, Buffer.from(content as string)));
    expect(error).toMatchObject({ file: name, offset: 0 });
    expect(error.message).toMatch(message);
    expect(Watched.open).toBe(0);
  });
});

describe('a model in several files', () => {
  const index = (map: unknown): Buffer => Buffer.from(JSON.stringify({ weight_map: map }));
  const files = { 'one.safetensors': safetensors('a', 'b'), 'two.safetensors': safetensors('c') };
  const map = { a: 'one.safetensors', b: 'one.safetensors', c: 'two.safetensors' };

  it('is one, in the order of the index', () => {
    const checkpoint = openAll('model.safetensors.index.json', index(map), files);
    expect(checkpoint).toMatchObject({ format: 'safetensors', warnings: [] });
    expect(checkpoint.files).toEqual(['model.safetensors.index.json', ...Object.keys(files)]);
    expect(checkpoint.models.map(({ tensors }) => tensors.map(({ name }) => name))).toEqual([
      ['a', 'b', 'c'],
    ]);
    checkpoint.close();
    expect(Watched.open).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a tensor is not in its file',
      { ...map, d: 'two.safetensors' },
      /two\.safetensors: .*"d" is in this file, and it is not/,
    ],
    ['a file is missing', { ...map, d: 'three' }, /^three: there is no such file/],
    ['no file is named', {}, /it names no file/],
    ['the map is none', ['a'], /should be an object/],
    ['a file is a number', { a: 1 }, /should be an object that gives each tensor a file/],
  ])('is refused when %s', (_, weightMap, message) => {
    const error = refusal(() => openAll('index.json', index(weightMap), files));
    expect(error.message).toMatch(message);
    expect(Watched.open).toBe(0);
  });

  it('is refused when two files hold one name', () => {
    const both = { 'one.safetensors': safetensors('a'), 'two.safetensors': safetensors('b', 'a') };
    const error = refusal(() =>
      openAll('index.json', index({ a: 'one.safetensors', b: 'two.safetensors' }), both),
    );
    expect(error.message).toMatch(/two of its files hold a tensor "a"/);
  });

  it('does not go on to further indices', () => {
    const itself = { 'index.json': index({ a: 'index.json' }) };
    expect(refusal(() => openAll('index.json', itself['index.json'], itself)).message).toMatch(
      /^index\.json: offset 0: the file is in no format/,
    );
    expect(Watched.open).toBe(0);
  });
});

describe('a folder', () => {
  it('stands for the checkpoint that libraries put into it', () => {
    const model = join(folder, 'model');
    mkdirSync(model);
    writeFileSync(join(model, 'model.safetensors'), safetensors('a'));
    writeFileSync(join(model, 'model.json'), '{}');
    const checkpoint = openCheckpointFile(model, 'model');
    expect(checkpoint.files).toEqual([join('model', 'model.safetensors')]);
    checkpoint.close();
  });

  it.each([
    ['saved_model.pb', /a TensorFlow SavedModel, which is not read/],
    ['.metadata', /a distributed checkpoint of PyTorch, which is not read/],
    ['other.txt', /holds no checkpoint under one of the usual names/],
  ])('with %s alone is refused', (file, message) => {
    const path = mkdtempSync(join(folder, 'other-'));
    writeFileSync(join(path, file), '');
    expect(refusal(() => openCheckpointFile(path, 'other')).message).toMatch(message);
  });
});
