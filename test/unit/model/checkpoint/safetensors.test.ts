import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import { MemorySource } from '../../../../src/model/checkpoint/memorySource';
import { openCheckpoint } from '../../../../src/model/checkpoint/openCheckpoint';
import { JsonFault, jsonMembers } from '../../../../src/model/checkpoint/safetensors/jsonMembers';

const NAME = 'model.safetensors';
const NO_FILES = {
  open(name: string): never {
    throw new CheckpointError(name, null, 'there is no such file.');
  },
};

/** A file whose header is this text, and that has so many bytes behind it. */
function file(header: string, bytes: number, length = BigInt(Buffer.byteLength(header))): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from({ length: bytes })]);
}

function entry(dtype: string, shape: readonly number[], begin: number, end: number): object {
  return { dtype, shape, data_offsets: [begin, end] };
}

function opened(header: object, bytes: number): Checkpoint {
  const content = file(JSON.stringify(header), bytes);
  return openCheckpoint(new MemorySource(NAME, content), NO_FILES);
}

function refusal(content: Uint8Array): CheckpointError {
  try {
    openCheckpoint(new MemorySource(NAME, content), NO_FILES);
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('was read');
}

describe('a safetensors file', () => {
  it.each([
    ['BOOL', 'bool', 8],
    ['U8', 'uint8', 8],
    ['I8', 'int8', 8],
    ['F8_E5M2', 'float8_e5m2', 8],
    ['F8_E4M3', 'float8_e4m3fn', 8],
    ['F8_E8M0', 'float8_e8m0fnu', 8],
    ['F8_E4M3FNUZ', 'float8_e4m3fnuz', 8],
    ['F8_E5M2FNUZ', 'float8_e5m2fnuz', 8],
    ['F6_E2M3', 'float6_e2m3', 6],
    ['F6_E3M2', 'float6_e3m2', 6],
    ['I16', 'int16', 16],
    ['U16', 'uint16', 16],
    ['F16', 'float16', 16],
    ['BF16', 'bfloat16', 16],
    ['I32', 'int32', 32],
    ['U32', 'uint32', 32],
    ['F32', 'float32', 32],
    ['C64', 'complex64', 64],
    ['F64', 'float64', 64],
    ['I64', 'int64', 64],
    ['U64', 'uint64', 64],
  ])('has %s as %s', (name, dtype, bits) => {
    const checkpoint = opened({ a: entry(name, [4, 3], 0, (12 * bits) / 8) }, (12 * bits) / 8);
    expect(checkpoint.models[0]?.tensors).toMatchObject([{ name: 'a', dtype, shape: [4, 3] }]);
  });

  it('counts F4 as PyTorch does, in bytes of two, unless another framework wrote it', () => {
    const header = { a: entry('F4', [2, 4], 0, 4) };
    expect(opened(header, 4).models[0]?.tensors[0]).toMatchObject({
      dtype: 'float4_e2m1fn_x2',
      shape: [2, 2],
    });
    const other = opened({ __metadata__: { format: 'mlx' }, ...header }, 4);
    expect(other.models[0]?.tensors[0]).toMatchObject({ dtype: 'float4_e2m1', shape: [2, 4] });
  });

  it('has its values where the header says, in any order of the header', () => {
    const { models } = opened({ b: entry('U8', [2], 1, 3), a: entry('U8', [], 0, 1) }, 3);
    const start =
      8 + JSON.stringify({ b: entry('U8', [2], 1, 3), a: entry('U8', [], 0, 1) }).length;
    const places = models[0]?.tensors.map(({ name, storage: { place } }) => [name, place?.offset]);
    expect(places).toEqual([
      ['b', start + 1],
      ['a', start],
    ]);
  });

  it('may have empty tensors where another begins, and none at all', () => {
    const header = { a: entry('F32', [1], 0, 4), empty: entry('F32', [0, 3], 0, 0) };
    expect(opened(header, 4).models[0]?.tensors).toHaveLength(2);
    expect(opened({}, 0).models[0]?.tensors).toEqual([]);
  });

  it('tells statistics and BatchNorm by the names, which lose the prefixes of wrappers', () => {
    const part = (index: number): object => entry('U8', [1], index, index + 1);
    const header = {
      'module.bn.weight': part(0),
      'module.bn.running_mean': part(1),
      'module.bn.running_var': part(2),
      'module._orig_mod.head.weight': part(3),
    };
    expect(opened(header, 4).models[0]?.tensors).toMatchObject([
      { name: 'bn.weight', kind: 'parameter', module: 'bn', type: 'BatchNorm' },
      { name: 'bn.running_mean', kind: 'statistic', module: 'bn', type: 'BatchNorm' },
      { name: 'bn.running_var', kind: 'statistic', module: 'bn', type: 'BatchNorm' },
      { name: 'head.weight', kind: 'parameter', module: 'head', type: '' },
    ]);
  });

  it('gives tied weights the names that save_model notes in the metadata', () => {
    const metadata = { format: 'pt', 'head.weight': 'embed.weight', epoch: '7' };
    const checkpoint = opened(
      { __metadata__: metadata, 'embed.weight': entry('U8', [1], 0, 1) },
      1,
    );
    expect(checkpoint).toMatchObject({ framework: 'pytorch', epoch: 7 });
    const tensors = checkpoint.models[0]?.tensors;
    expect(tensors).toMatchObject([{ name: 'embed.weight', aliases: ['head.weight'] }]);
  });

  it.each(['__proto__', 'constructor', '../up', 'nul\0', '\u202Edetrevni', 'ключ"\\', '\ud800'])(
    'may have a tensor called %j',
    (name) => {
      const header = `{${JSON.stringify(name)}:${JSON.stringify(entry('U8', [1], 0, 1))}}`;
      const content = file(header, 1);
      const { models } = openCheckpoint(new MemorySource(NAME, content), NO_FILES);
      expect(models[0]?.tensors.map((tensor) => tensor.name)).toEqual([name]);
    },
  );
});

describe('a safetensors file that lies', () => {
  const one = JSON.stringify({ a: entry('U8', [1], 0, 1) });

  it.each([
    ['of 2^63 bytes', 2n ** 63n, /9223372036854775808 bytes long, safetensors allows 100000000/],
    ['of 100,000,001 bytes', 100_000_001n, /safetensors allows 100000000/],
    ['longer than the file', 5000n, /5000 bytes long, the file is \d+: it is cut short/],
  ])('about a header %s', (_, length, message) => {
    const error = refusal(file(one, 1, length));
    expect(error).toMatchObject({ file: NAME, offset: 0 });
    expect(error.message).toMatch(message);
  });

  it.each<[string, string, number, number, RegExp]>([
    ['is no JSON', '{"a": {"dtype" "U8"}}', 1, 14, /no JSON object/],
    ['ends in the middle', '{"a": {"dtype"', 1, 22, /no JSON object/],
    ['has something behind the object', `${one}x`, 1, 8 + one.length, /no JSON object/],
    ['has one name twice', '{"a":1,"é":2,"a":3}', 1, 8 + 18, /two entries are called "a"/],
    ['has an entry that is no object', '{"a":[]}', 0, 13, /"a": it should be an object/],
  ])('with a header that %s', (_, header, bytes, offset, message) => {
    const error = refusal(file(header, bytes));
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  it.each<[string, object, number, RegExp]>([
    ['overlap', { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, 3, /belong to another/],
    ['are the same bytes', { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 0, 2) }, 2, /another/],
    ['leave a hole', { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 3, 4) }, 4, /the 2 bytes/],
    ['leave the end', { a: entry('U8', [1], 0, 1) }, 3, /the last 2 bytes belong to no tensor/],
    ['end behind the file', { a: entry('U8', [9], 0, 9) }, 4, /5 bytes behind the file's end/],
    ['end before they begin', { a: entry('U8', [1], 2, 1) }, 4, /end before they begin/],
    ['are too few', { a: entry('F32', [2], 0, 4) }, 4, /hold 4 bytes, which is not what/],
    ['are parts of bytes', { a: entry('F4', [3], 0, 2) }, 2, /which is not what/],
    ['are no list', { a: { dtype: 'U8', shape: [1], data_offsets: 'all' } }, 1, /two places/],
    ['are three', { a: { dtype: 'U8', shape: [1], data_offsets: [0, 1, 2] } }, 1, /two places/],
  ])('with data_offsets that %s', (_, header, bytes, message) => {
    const error = refusal(file(JSON.stringify(header), bytes));
    expect(error.message).toMatch(message);
    expect(error.offset).toBeGreaterThanOrEqual(8);
  });

  it.each<[string, unknown, RegExp]>([
    ['is negative', [-1], /shape should be a list of sizes/],
    ['has a fraction', [0.5], /shape should be/],
    ['is an object', {}, /shape should be/],
    ['is larger than numbers', [2 ** 40, 2 ** 40], /not what its shape and dtype take/],
    ['is infinite and empty', [1e300, 1e300, 0], /shape should be/],
  ])('with a shape that %s', (_, shape, message) => {
    const header = { a: { dtype: 'U8', shape, data_offsets: [0, 1] } };
    expect(refusal(file(JSON.stringify(header), 1)).message).toMatch(message);
  });

  it('with an unknown dtype, a field twice, metadata that are no texts', () => {
    const messages = [
      JSON.stringify({ a: entry('F5', [1], 0, 1) }),
      '{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}',
      `{"__metadata__":{"a":1},${one.slice(1)}`,
      `{"__metadata__":[],${one.slice(1)}`,
    ].map((header) => refusal(file(header, 1)).reason);
    expect(messages[0]).toContain('its dtype "F5" is none');
    expect(messages[1]).toContain('a field twice');
    expect(messages[2]).toContain('"a" should be a text');
    expect(messages[3]).toContain('an object of texts');
  });

  it('with bytes that are no UTF-8', () => {
    const content = file('{"a": 1}', 0);
    content[10] = 0xff;
    expect(refusal(content)).toMatchObject({ offset: 8, reason: /not UTF-8/ });
  });

  it('by lists in lists without end', () => {
    const deep = '['.repeat(1_000_000);
    expect(refusal(file(`{"a":${deep}`, 0)).message).toMatch(/no JSON object/);
  });
});

describe('the members of a JSON object', () => {
  it.each([
    '{}',
    ' { } ',
    '{"a":1}',
    '{ "a" : [1, {"b": "}"}] , "c\\"" : "x,y:{" }\n',
    '{"\\u0041":null,"":true,"é":-1.5e3}',
  ])('of %j are those that JSON.parse gives', (text) => {
    const { names, values, places } = jsonMembers(text);
    const expected = JSON.parse(text) as object;
    expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(expected);
    for (const [index, place] of places.entries()) {
      expect(text.slice(place)).toMatch(/^\S/);
      expect(values[index]).toEqual(Object.values(expected)[index]);
    }
  });

  it.each([
    '',
    '{\f}',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1 2}',
    '{"a":[}',
    '{"a":[},"b":{]}',
    '{"a":1}}',
    '{"a\n":1}',
    "{'a':1}",
    '{"a":1',
  ])('of %j are none', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(() => jsonMembers(text)).toThrow(JsonFault);
  });
});
