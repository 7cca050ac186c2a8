import { describe, expect, it } from 'vitest';
import {
  bytes,
  call,
  dict,
  get,
  global,
  int,
  list,
  long,
  module,
  open,
  put,
  read,
  storage,
} from './pickles';
import { tensor, text, torchFile, tuple, vector, type Piece } from './pickles';

/** A pickle reaches into the file at 30 + 10 bytes: behind the header and the name `m/data.pkl`. */
const START = 40;

function warnings(pickle: Piece): readonly string[] {
  return read(pickle).warnings.map(({ text }) => text);
}

describe('what torch.load would run', () => {
  it.each<[string, Piece, RegExp]>([
    [
      'a call',
      call(global('os', 'system'), text('id')),
      /^torch\.load would run os\.system\("id"\)$/,
    ],
    ['INST', bytes('(', text('id'), 'iposix\nsystem\n'), /would run posix\.system\("id"\)/],
    [
      'OBJ',
      bytes('(', global('subprocess', 'Popen'), text('id'), 'o'),
      /subprocess\.Popen\("id"\)/,
    ],
    [
      'STACK_GLOBAL',
      bytes(text('builtins'), text('eval'), '\x93', tuple(text('1')), 'R'),
      /builtins\.eval\("1"\)/,
    ],
    [
      'a way through attributes',
      bytes(text('torch'), text('serialization.os.system'), '\x93', tuple(text('id')), 'R'),
      /torch\.serialization\.os\.system/,
    ],
    [
      'getattr of a module',
      call(call(global('builtins', 'getattr'), global('torch', 'x'), text('load')), text('a')),
      /builtins\.getattr/,
    ],
    [
      'an import',
      call(global('importlib', 'import_module'), text('os')),
      /importlib\.import_module/,
    ],
    ['torch.hub', call(global('torch.hub', 'load'), text('a/b')), /torch\.hub\.load/],
    ['a name alone', global('os', 'system'), /would load os\.system$/],
  ])('is told: %s', (_, evil, expected) => {
    const { models, warnings: told } = read(dict({ w: vector('0'), x: evil }));
    expect(models[0]?.tensors.map(({ name }) => name)).toEqual(['w']);
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toMatch(expected);
  });

  it('is told with its place in the file', () => {
    const before = bytes('}', text('x'));
    const { warnings: told } = read(bytes(before, global('os', 'system'), 's'));
    expect(told[0]?.offset).toBe(START + 2 + before.length);
  });

  it('is told apart from classes of other code, which are grouped', () => {
    const classes = list(...Array.from({ length: 30 }, (_, n) => global('my', `Net${String(n)}`)));
    const [text, ...rest] = warnings(dict({ w: vector('0'), classes }));
    expect(text).toMatch(/^The file refers to classes my\.Net0, .* and 10 more of other code$/);
    expect(rest).toEqual([]);
  });

  it.each<[string, string]>([
    ['torch.hub', 'load_state_dict_from_url'],
    ['torch.utils.cpp_extension', 'load'],
    ['torch', 'load'],
    ['torch', 'save'],
    ['torch.serialization', 'load'],
    ['torch.jit', 'load'],
    ['torch._dynamo.guards', 'run'],
    ['torch.fx.graph_module', '_forward_from_src'],
    ['torch.distributed.rpc', 'rpc_sync'],
    ['numpy', 'fromfile'],
    ['numpy', 'load'],
    ['numpy.f2py.crackfortran', 'myeval'],
  ])('is told of %s.%s', (from, name) => {
    expect(warnings(dict({ w: vector('0'), x: call(global(from, name), text('a')) }))).toEqual([
      `torch.load would run ${from}.${name}("a")`,
    ]);
  });

  it.each<[string, string]>([
    ['torch', 'from_numpy'],
    ['torch._utils', '_import_dotted_name'],
    ['torch.utils.model_zoo', 'tqdm'],
    ['torch.nn.init', 'uniform_'],
    ['torch.distributed', 'init_process_group'],
    ['torch.cuda.nccl', 'unknown_yet'],
    ['torch._tensor', 'Tensor.tofile'],
    ['numpy', 'vectorize'],
    ['numpy.random._pickle', '__generator_ctor'],
    ['pathlib', 'Path.unlink'],
    ['collections', 'namedtuple'],
  ])('is told of any other function: %s.%s', (from, name) => {
    const evil = call(global(from, name), text('a'), int(1));
    const again = bytes('(', global(from, name), text('b'), 'o');
    expect(warnings(dict({ w: vector('0'), x: evil, y: again }))).toEqual([
      `The file calls ${from}.${name}("a", 1), which is none of the functions that tensors are made of`,
    ]);
  });

  it('is told once for many functions more than anybody reads', () => {
    const calls = Array.from({ length: 25 }, (_, n) => call(global('torch', `f${String(n)}`)));
    const told = warnings(dict({ w: vector('0'), x: list(...calls) }));
    expect(told).toHaveLength(21);
    expect(told.at(-1)).toMatch(/5 more functions that tensors are not made of/);
  });

  it.each<[string, Piece]>([
    ['objects', bytes(global('torch.x', 'Odd'), ')\x81')],
    [
      'objects by copyreg',
      call(global('copyreg', '_reconstructor'), global('torch.x', 'Odd'), 'N', 'N'),
    ],
    [
      'arrays of a class of their own',
      call(global('numpy.core.multiarray', '_reconstruct'), global('torch.x', 'Odd'), 'N', 'N'),
    ],
    ['what a partial keeps', call(global('functools', 'partial'), global('torch.x', 'Odd'))],
  ])('is told of classes of torch, in one sentence: %s', (_, evil) => {
    expect(warnings(dict({ w: vector('0'), x: evil }))).toEqual([
      'The file holds objects of torch.x.Odd, which no state dict is made of',
    ]);
  });

  it('is told of a function that rebuilds a tensor by its type', () => {
    const inner = tuple(text('a'));
    const evil = call(
      global('torch._tensor', '_rebuild_from_type_v2'),
      ...[global('torch.x', 'odd'), global('torch', 'Tensor'), inner, 'N'],
    );
    expect(warnings(dict({ w: vector('0'), x: evil }))).toEqual([
      'The file calls torch.x.odd("a"), which is none of the functions that tensors are made of',
    ]);
  });

  it('is told of what the pickle makes to call it, with what it names', () => {
    const made = call(global('builtins', 'type'), text('X'), tuple(), '}');
    const evil = call(made, global('torch.x', 'odd'));
    expect(warnings(dict({ w: vector('0'), x: evil }))).toEqual([
      'The file calls functions by way of others, and names torch.x.odd',
    ]);
  });

  it('is told of a function within functions that rebuild', () => {
    const rebuild = global('torch._tensor', '_rebuild_from_type_v2');
    const type = global('torch', 'Tensor');
    const inner = tuple(global('torch.x', 'odd'), type, tuple(text('a')), 'N');
    const nested = bytes(
      ...Array.from({ length: 20_000 }, () => bytes('(', rebuild, type)),
      ...[inner, 'Nt'.repeat(20_000)],
    );
    expect(warnings(dict({ w: vector('0'), x: bytes(rebuild, nested, 'R') }))).toEqual([
      'The file calls functions by way of others, and names torch.x.odd',
    ]);
  });

  it('is told of a class that is changed', () => {
    const evil = bytes(global('torch', 'Tensor'), dict({ a: int(1) }), 'b');
    expect(warnings(dict({ w: vector('0'), x: evil }))).toEqual([
      'torch.load would change torch.Tensor itself',
    ]);
  });

  it('is nothing in classes of data beside a model', () => {
    const usual = list(
      call(global('pathlib', 'PosixPath'), text('a')),
      call(global('numpy._core.multiarray', 'scalar'), call(global('numpy', 'dtype'), text('f8'))),
      call(global('datetime', 'timedelta'), int(1)),
      call(global('collections', 'defaultdict'), global('builtins', 'list')),
      bytes(global('argparse', 'Namespace'), ')\x81', dict({ lr: int(1) }), 'b'),
      call(global('copy_reg', '_reconstructor'), global('argparse', 'Namespace'), 'N', 'N'),
      global('torch.nn.functional', 'relu'),
    );
    expect(warnings(dict({ w: vector('0'), usual }))).toEqual([]);
  });

  it('is nothing in what torch itself writes', () => {
    const odd = tuple(global('collections', 'OrderedDict'), ')R', global('torch', 'float32'));
    expect(warnings(dict({ w: vector('0'), odd: list(odd.subarray(1, -1)) }))).toEqual([]);
  });
});

describe('pickles made to harm', () => {
  const fault = (pickle: Piece, reason: RegExp): void => {
    expect(() => read(pickle)).toThrow(reason);
  };

  it.each<[string, Piece, RegExp]>([
    [
      'ends early',
      bytes('X\xff\xff\xff\x7f'),
      /offset \d+: the pickle is damaged: it ends too early/,
    ],
    ['has no opcode there', '\xff', /0xff is no opcode/],
    ['takes from an empty stack', '0000', /its stack is empty/],
    ['takes from below a mark', bytes('N(R'), /its stack is empty/],
    ['lacks a mark', 't', /a mark is missing/],
    ['refers to nothing', get(5), /has not made/],
    ['appends to no list', bytes('NNa'), /no list/],
    ['puts entries into no dict', bytes('NNNs'), /no dict/],
    ['has a number that is none', 'Iabc\n', /a number in it is none/],
    ['has a number too long', bytes('L', '9'.repeat(5000), 'L\n'), /a number in it is none/],
    ['is of protocol 77', '\x80\x4d', /protocol/],
    ['needs other buffers', '\x97', /buffers/],
    ['refers to no storage', bytes('NQ'), /no storage/],
    ['refers to a storage that is not there', vector('77'), /lacks "data\/77"/],
    ['says a storage is larger', vector('0', 5), /has 16 bytes, the pickle says 20/],
    [
      'has a view beyond its storage',
      tensor(storage('0', 4), [2, 2], [3, 1]),
      /beyond its storage/,
    ],
    ['begins beyond its storage', tensor(storage('0', 4), [1], [1], 4), /beyond its storage/],
    ['has strides of another rank', tensor(storage('0', 4), [2], [1, 1]), /none/],
    [
      'has more elements than time',
      tensor(storage('0', 4), [65536, 65536], [0, 0]),
      /more elements than its storage/,
    ],
    [
      'has a size beyond numbers',
      call(
        global('torch._utils', '_rebuild_tensor_v2'),
        ...[storage('0', 4), int(0), tuple(long(2n ** 63n)), tuple(int(1)), '\x89', '}'],
      ),
      /none/,
    ],
  ])('are refused with the reason: one that %s', (_, pickle, reason) => {
    fault(dict({ w: pickle }), reason);
  });

  it.each<[string, Piece]>([
    ['is nested 100,000 deep', bytes(']'.repeat(100_000), 'a'.repeat(99_999))],
    ['contains itself', bytes(']', put(0), get(0), 'a', '0', dict({ w: get(0), v: vector('0') }))],
    ['doubles 40 times', bytes(']', ...doublings(40))],
    ['copies a list without end', bytes(...copies(20_000))],
    ['has a memo place of 2^32', bytes('N', put(0xffffffff), get(0xffffffff))],
    ['marks without end', '('.repeat(500_000)],
  ])('end within a second: one that %s', (_, pickle) => {
    const start = process.cpuUsage();
    try {
      read(pickle);
    } catch (error) {
      expect(String(error)).toMatch(/^CheckpointError: model\.pt: /);
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  it('are told of when they nest deeper than anybody looks', () => {
    let inner: Piece = dict({ w: vector('0') });
    for (let level = 0; level < 1100; level++) inner = dict({ x: inner });
    const { models, warnings: told } = read(dict({ model: dict({ w: vector('1') }), x: inner }));
    expect(models.map(({ tensors }) => tensors.length)).toEqual([1]);
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringMatching(/more than 1,000 deep: what lies deeper is left out$/),
    ]);
  });

  it('end within a second when modules contain each other twice at every level', () => {
    let inner: Piece = module('Leaf', { parameters: { w: vector('0') }, buffers: {}, modules: {} });
    for (let level = 0; level < 60; level++) {
      const both = { a: bytes(inner, put(level)), b: get(level) };
      inner = module('Pair', { parameters: {}, buffers: {}, modules: both });
    }
    const start = process.cpuUsage();
    const { models } = read(inner);
    expect(models[0]?.tensors).toHaveLength(1);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
  });

  it('end within a second when one dict is reached by 6^12 ways', () => {
    const keys = ['model', 'net', 'module', 'weights', 'params', 'network'];
    let inner: Piece = dict({ w: vector('0') });
    for (let level = 0; level < 12; level++) {
      const first = bytes(inner, put(level));
      inner = dict(Object.fromEntries(keys.map((key, at) => [key, at === 0 ? first : get(level)])));
    }
    const start = process.cpuUsage();
    const tensors = read(inner).models.flatMap((model) => model.tensors);
    expect(tensors.map(({ name }) => name)).toEqual(['w']);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
  });

  it('are read or refused with the file named, wherever they are cut', () => {
    const whole = torchFile(dict({ w: vector('0') }));
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => open(whole.subarray(0, length))).toThrow(/^model\.pt: /);
    }
  });
});

/** `b = [a, a]`, again and again: 2^n members in all, in 8 bytes each. */
function* doublings(count: number): Iterable<Piece> {
  for (let level = 0; level < count; level++)
    yield bytes(put(level), '0](', get(level), get(level), 'e');
}

/** A long list of pairs, and ever new dicts of it. */
function* copies(count: number): Iterable<Piece> {
  yield bytes('(', ...Array.from({ length: count }, (_, n) => tuple(text(String(n)), 'N')), 'l');
  yield put(0);
  for (let n = 0; n < count; n++) {
    yield bytes('0', global('collections', 'OrderedDict'), tuple(get(0)), 'R');
  }
}
