import type { Random } from '../bytes/random';
import { EXTREMES, joined, mutateBytes } from './mutateBytes';
import { cutPickle } from './opcodes';

/** Opcodes without argument. */
const PLAIN = '().012NQRabdest}]l)ou\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98';
const GLOBALS: readonly string[] = [
  'os\nsystem',
  'builtins\neval',
  'builtins\ngetattr',
  'torch._utils\n_rebuild_tensor_v2',
  'torch._utils\n_rebuild_parameter',
  'torch._utils\n_rebuild_qtensor',
  'torch\nFloatStorage',
  'torch\nUntypedStorage',
  'torch.storage\n_load_from_bytes',
  'torch.nn.modules.linear\nLinear',
  'collections\nOrderedDict',
  '__builtin__\nset',
  '__proto__\nconstructor',
];
const STRINGS: readonly string[] = [
  '',
  '__proto__',
  'storage',
  'module',
  'state_dict',
  '_parameters',
  '_modules',
  '0',
  '../0',
  'cpu',
  '\0',
];

/** Changes opcodes of the pickles at the start; what is behind them stays. */
export function mutatePickle(bytes: Uint8Array, random: Random): Uint8Array {
  const { opcodes, rest } = cutPickle(bytes);
  const changed = [...opcodes];
  for (let count = 1 + random.below(3); count > 0 && changed.length > 0; count -= 1) {
    const at = random.below(changed.length);
    const opcode = changed[at] ?? new Uint8Array(0);
    const [from, length] = [random.below(changed.length), 1 + random.below(12)];
    switch (random.below(8)) {
      case 0:
        changed.splice(at, random.below(4));
        break;
      case 1:
        changed.splice(at, 0, ...changed.slice(from, from + length));
        break;
      case 2:
        changed[at] = changed[from] ?? opcode;
        break;
      case 3:
        if (opcode.length > 1) changed[at] = withArgument(opcode, random);
        break;
      default:
        changed.splice(at, random.below(2), made(random));
    }
  }
  return joined(...changed, rest);
}

/** The same opcode with other bytes behind it. */
function withArgument(opcode: Uint8Array, random: Random): Uint8Array {
  const argument = mutateBytes(opcode.slice(1), random, opcode);
  return joined(opcode.slice(0, 1), argument);
}

function made(random: Random): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(random.pick(EXTREMES));
  const small = random.below(40);
  switch (random.below(10)) {
    case 0:
      return Buffer.from(`c${random.pick(GLOBALS)}\n`);
    case 1:
      return Buffer.from(`(i${random.pick(GLOBALS)}\n`);
    case 2: {
      const text = Buffer.from(random.pick(STRINGS));
      return Buffer.concat([Buffer.from([0x8c, text.length]), text]);
    }
    case 3:
      return Buffer.concat([Buffer.from('J'), number.subarray(0, 4)]);
    case 4:
      return Buffer.concat([Buffer.from([0x8a, 8]), number]);
    case 5:
      return Buffer.from([random.pick([0x68, 0x71]), small]);
    case 6:
      return Buffer.concat([Buffer.from(random.pick(['r', 'j'])), number.subarray(0, 4)]);
    case 7: {
      // A length that nothing has behind it.
      const code = random.pick([0x8b, 0x8d, 0x8e, 0x96, 0x95, 0x58, 0x54, 0x42]);
      return Buffer.concat([Buffer.from([code]), number.subarray(0, code < 0x80 ? 4 : 8)]);
    }
    default:
      return Buffer.from(PLAIN.charAt(random.below(PLAIN.length)), 'latin1');
  }
}
