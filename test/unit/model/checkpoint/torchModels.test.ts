import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../../src/model/checkpoint/checkpoint';
import {
  call,
  dict,
  get,
  global,
  int,
  list,
  module,
  put,
  read,
  storage,
  tensor,
  text,
} from './pickles';
import { bytes, object, tuple, vector, type Piece } from './pickles';

const layer = dict({ 'fc.weight': vector('0'), 'fc.bias': vector('1') });
const other = dict({ 'fc.weight': vector('2'), 'fc.bias': vector('3') });
const adam = dict({
  state: bytes('}', int(0), dict({ exp_avg: vector('4') }), 's'),
  param_groups: list(),
});

function models({ models }: Checkpoint): Record<string, readonly string[]> {
  return Object.fromEntries(
    models.map(({ name, copyOf, tensors }) => [
      copyOf === undefined ? name : `${name} of ${copyOf}`,
      tensors.map((each) => each.name),
    ]),
  );
}

const FC = ['fc.weight', 'fc.bias'];
const net = module('Net', {
  parameters: {},
  buffers: {},
  modules: {
    fc: module('Linear', {
      parameters: { weight: vector('0'), bias: vector('1') },
      buffers: {},
      modules: {},
    }),
  },
});

describe('models are found in', () => {
  it.each<[string, Record<string, Piece>, Record<string, readonly string[]>]>([
    ['a state dict', { 'fc.weight': vector('0'), 'fc.bias': vector('1') }, { model: FC }],
    [
      'the example of ImageNet',
      {
        epoch: int(3),
        state_dict: layer,
        best_acc1: tensor(storage('5', 1), [], []),
        optimizer: adam,
      },
      { model: FC },
    ],
    ['model beside optimizer', { model: layer, opt: adam, rng_state: vector('6') }, { model: FC }],
    ['model_state_dict', { model_state_dict: layer, optimizer_state_dict: adam }, { model: FC }],
    ['DeepSpeed', { module: layer, buffer_names: list(), optimizer: 'N' }, { model: FC }],
    [
      'Lightning',
      {
        epoch: int(1),
        'pytorch-lightning_version': text('2.5'),
        state_dict: layer,
        optimizer_states: list(adam),
        callbacks: dict({ Best: dict({ best_model_score: vector('7') }) }),
      },
      { model: FC },
    ],
    [
      'timm',
      { state_dict: layer, state_dict_ema: other, arch: text('resnet') },
      { model: FC, 'state_dict_ema of model': FC },
    ],
    ['Ultralytics', { model: net, ema: net, optimizer: 'N' }, { model: FC, 'ema of model': FC }],
    ['Ultralytics, stripped', { model: 'N', ema: net }, { model: FC }],
    [
      'StyleGAN',
      { g: layer, d: other, g_ema: layer, g_optim: adam },
      { g: FC, d: FC, 'g_ema of g': FC },
    ],
    ['GANs', { generator: layer, discriminator: other }, { generator: FC, discriminator: FC }],
    ['parts that have own names', { encoder: layer, decoder: other }, { encoder: FC, decoder: FC }],
    ['two equal in meaning', { model: layer, net: other }, { model: FC, net: FC }],
    [
      'an average that is a list',
      { model: layer, ema: dict({ decay: 'N', shadow_params: list(vector('2'), vector('3')) }) },
      { model: FC, 'ema.shadow_params of model': ['0', '1'] },
    ],
    ['the state of an optimizer', { state: dict({ a: vector('4') }), param_groups: list() }, {}],
  ])('%s', (_, entries, expected) => {
    expect(models(read(dict(entries)))).toEqual(expected);
  });

  it('a bare tensor and a list of tensors', () => {
    expect(models(read(vector('0')))).toEqual({ model: ['tensor'] });
    expect(models(read(list(vector('0'), vector('1'))))).toEqual({ model: ['0', '1'] });
  });

  it('no file without a word', () => {
    const { warnings } = read(dict({ epoch: int(3) }));
    expect(warnings.map(({ text }) => text)).toEqual(['The file holds no tensors of a model']);
  });
});

describe('a pickled module', () => {
  const norm = module('BatchNorm2d', {
    parameters: { weight: vector('0'), bias: 'N' },
    buffers: { running_mean: vector('1'), mask: vector('2') },
    modules: {},
  });
  const whole = module('Net', { parameters: {}, buffers: {}, modules: { bn: norm } }, '__main__');

  it('tells classes and kinds', () => {
    const { models } = read(whole);
    expect(models[0]).toMatchObject({ name: 'model', className: 'Net' });
    const seen = models[0]?.tensors.map(({ name, kind, type, module: of }) => [
      name,
      kind,
      type,
      of,
    ]);
    expect(seen).toEqual([
      ['bn.weight', 'parameter', 'BatchNorm2d', 'bn'],
      ['bn.running_mean', 'statistic', 'BatchNorm2d', 'bn'],
      ['bn.mask', 'statistic', 'BatchNorm2d', 'bn'],
    ]);
  });

  it('is unwrapped by the class of its wrapper, not by the name of an attribute', () => {
    const around = (name: string, origin: string): Checkpoint =>
      read(module(name, { parameters: {}, buffers: {}, modules: { module: whole } }, origin));
    const wrapped = around('DataParallel', 'torch.nn.parallel.data_parallel');
    expect(wrapped.models[0]).toMatchObject({ className: 'Net' });
    expect(wrapped.models[0]?.tensors[0]?.name).toBe('bn.weight');
    expect(around('Mine', '__main__').models[0]?.tensors[0]?.name).toBe('module.bn.weight');
  });
});

describe('tensors', () => {
  it('of one place in memory are one with aliases; overlapping ones share the storage', () => {
    const { models } = read(
      dict({ a: vector('0'), b: vector('0'), c: tensor(storage('0', 4), [2], [1], 1) }),
    );
    const [a, c] = models[0]?.tensors ?? [];
    expect(models[0]?.tensors.map(({ name, aliases }) => [name, aliases])).toEqual([
      ['a', ['b']],
      ['c', undefined],
    ]);
    expect(a?.storage).toBe(c?.storage);
    expect(c?.offset).toBe(4);
  });

  it('without gaps have no strides, whatever those of single elements are', () => {
    const of = storage('0', 4);
    const { models } = read(
      dict({ rows: tensor(of, [2, 1, 2], [2, 99, 1]), columns: tensor(of, [2, 2], [1, 2]) }),
    );
    expect(models[0]?.tensors.map(({ strides }) => strides)).toEqual([null, [1, 2]]);
  });

  it('that are quantized keep scale and zero point, by which equal integers differ', () => {
    const quantized = call(
      global('torch._utils', '_rebuild_qtensor'),
      ...[storage('0', 4, 'QInt8Storage'), int(0), tuple(int(4)), tuple(int(1))],
      tuple(global('torch', 'per_tensor_affine'), bytes('G\x3f\xe0\0\0\0\0\0\0'), int(3)),
      ...['\x89', '}'],
    );
    const tensors = read(dict({ q: quantized })).models[0]?.tensors ?? [];
    expect(tensors.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['q', 'qint8'],
      ['q.scale', 'float64'],
      ['q.zero_point', 'int64'],
    ]);
    const scale = new Uint8Array(8);
    tensors[1]?.storage.readInto(0, scale);
    expect(new DataView(scale.buffer).getFloat64(0, true)).toBe(0.5);
  });

  it('of a big-endian machine are read in the other order', () => {
    const order = { name: 'm/byteorder', content: Buffer.from('big') };
    const numbers = { name: 'm/data/n', content: Buffer.from('0001000200030004', 'hex') };
    const pickle = dict({ w: tensor(storage('n', 4, 'ShortStorage'), [4], [1]) });
    const found = read(pickle, [order, numbers]).models[0]?.tensors[0];
    const part = new Uint8Array(3);
    found?.storage.readInto(3, part);
    expect(part).toEqual(new Uint8Array([0, 3, 0]));
    expect(found?.storage.place).toBeNull();
    const strange = { name: 'm/byteorder', content: Buffer.from('middle') };
    expect(() => read(pickle, [strange, numbers])).toThrow(/neither little nor big: "middle"/);
  });

  it('of the meta device are listed, and have no values', () => {
    const meta = call(
      global('torch._utils', '_rebuild_meta_tensor_no_storage'),
      ...[global('torch', 'bfloat16'), tuple(int(3)), tuple(int(1)), '\x89'],
    );
    const found = read(dict({ w: meta })).models[0]?.tensors[0];
    expect(found).toMatchObject({ dtype: 'bfloat16', shape: [3] });
    expect(() => found?.storage.readInto(0, new Uint8Array(2))).toThrow(/meta device/);
  });

  it('of unknown types are left out by their names, the rest is listed', () => {
    const odd = (dtype: string): Piece =>
      call(
        global('torch._utils', '_rebuild_tensor_v3'),
        ...[storage('1', 4, 'UntypedStorage'), int(0), tuple(int(4)), tuple(int(1)), '\x89', '}'],
        global('torch', dtype),
      );
    const classed = tensor(storage('2', 4, 'Odd8Storage'), [4], [1]);
    const pickle = dict({ a: odd('int3'), w: vector('0'), b: odd('int3'), c: classed });
    const { models, warnings } = read(pickle);
    expect(models.flatMap(({ tensors }) => tensors.map(({ name }) => name))).toEqual(['w']);
    expect(warnings.map(({ text }) => text)).toEqual([
      'a, b: left out, since Permafrost does not know the element type torch.int3',
      'c: left out, since Permafrost does not know the element type torch.Odd8Storage',
    ]);
    const alone = read(odd('int3'));
    expect(alone.models[0]?.tensors).toEqual([]);
    expect(alone.warnings[0]?.text).toMatch(/^tensor: left out/);
    expect(() => read(call(global('torch._utils', '_rebuild_tensor_v3')))).toThrow(
      /type that is none/,
    );
  });

  it('of NumPy are read as torch would', () => {
    const type = bytes(
      call(global('numpy', 'dtype'), text('i2'), '\x89', '\x88'),
      tuple(int(3), text('<'), 'NNN', int(1), int(1), int(0)),
      'b',
    );
    const array = bytes(
      call(
        global('numpy.core.multiarray', '_reconstruct'),
        global('numpy', 'ndarray'),
        tuple(int(0)),
        text('b'),
      ),
      tuple(int(1), tuple(int(2)), type, '\x89', bytes('C\x04', '\x01\x00\x02\x00')),
      'b',
    );
    const found = read(dict({ a: array, b: vector('0') })).models[0]?.tensors[0];
    expect(found).toMatchObject({ name: 'a', dtype: 'int16', shape: [2] });
  });
});

describe('the epoch', () => {
  it.each<[string, Piece, number | null]>([
    ['is that of the file', int(7), 7],
    ['is none when it is no count', text('seven'), null],
    ['is none for -1, which marks a finished training', bytes('J\xff\xff\xff\xff'), null],
  ])('%s', (_, epoch, expected) => {
    expect(read(dict({ epoch, model: layer })).epoch).toBe(expected);
  });
});

describe('TorchScript', () => {
  it('lists the tensors of its objects, with their classes', () => {
    const linear = object(
      '__torch__.torch.nn.modules.linear.___torch_mangle_3',
      'Linear',
      dict({ training: '\x88', weight: vector('0') }),
    );
    const pickle = object('__torch__.net', 'Net', dict({ fc: linear, scale: vector('1') }));
    const { models, warnings } = read(pickle);
    expect(models[0]).toMatchObject({ name: 'model', className: 'Net' });
    expect(models[0]?.tensors.map(({ name, type }) => [name, type])).toEqual([
      ['scale', 'Net'],
      ['fc.weight', 'Linear'],
    ]);
    expect(warnings).toEqual([]);
  });
});

it('reads what stands twice under one memo place', () => {
  expect(models(read(dict({ a: bytes(vector('0'), put(0)), b: get(0) })))).toEqual({
    model: ['a'],
  });
});
