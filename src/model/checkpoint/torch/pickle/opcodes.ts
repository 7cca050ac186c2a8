import type { PickleInput } from './input';
import { decodeLong, parseFloating, parseInteger } from './numbers';
import type { PickleStack } from './stack';
import { PyDict, PyGlobal, PyList, PyObject, PySet, PyTuple, type Value } from './value';

/** What an opcode works on. */
export interface Machine {
  readonly input: PickleInput;
  readonly stack: PickleStack;
  /** Looks up a name that the pickle gives. */
  global(module: string, name: string): PyGlobal;
  /** Pushes what a call makes. */
  call(callee: Value, args: readonly Value[], way: 'call' | 'new'): void;
  /** Notes that a global itself is given a state. */
  changed(global: PyGlobal): void;
  persistent(id: Value): void;
}

/** Opcodes that make one value and push it. */
const MAKERS: readonly (readonly [code: string | number, make: (machine: Machine) => Value])[] = [
  ['2', ({ stack }) => stack.top()],
  ['N', () => null],
  [0x88, () => true],
  [0x89, () => false],
  ['I', ({ input }) => number(input, parseInteger(input.line()))],
  ['L', ({ input }) => number(input, parseInteger(input.line()))],
  ['F', ({ input }) => number(input, parseFloating(input.line()))],
  ['J', ({ input }) => input.int32()],
  ['K', ({ input }) => input.byte()],
  ['M', ({ input }) => input.uint16()],
  ['G', ({ input }) => input.view(8).getFloat64(0, false)],
  [0x8a, ({ input }) => number(input, decodeLong(input.take(input.byte())))],
  [0x8b, ({ input }) => number(input, decodeLong(input.take(input.uint32())))],
  ['S', ({ input }) => unquote(input.line())],
  ['V', ({ input }) => unescapeUnicode(input.line())],
  ['T', ({ input }) => input.text(input.uint32())],
  ['U', ({ input }) => input.text(input.byte())],
  ['X', ({ input }) => input.text(input.uint32())],
  [0x8c, ({ input }) => input.text(input.byte())],
  [0x8d, ({ input }) => input.text(input.uint64())],
  ['B', ({ input }) => input.copy(input.uint32())],
  ['C', ({ input }) => input.copy(input.byte())],
  [0x8e, ({ input }) => input.copy(input.uint64())],
  [0x96, ({ input }) => input.copy(input.uint64())],
  [')', () => new PyTuple([])],
  [0x85, ({ stack }) => stack.tuple(1)],
  [0x86, ({ stack }) => stack.tuple(2)],
  [0x87, ({ stack }) => stack.tuple(3)],
  ['t', ({ stack }) => new PyTuple(stack.popMark())],
  [']', () => new PyList([])],
  ['l', ({ stack }) => new PyList(stack.popMark())],
  [0x8f, () => new PySet()],
  ['}', () => new PyDict()],
  ['c', (machine) => global(machine)],
  [0x82, (machine) => extension(machine, machine.input.byte())],
  [0x83, (machine) => extension(machine, machine.input.uint16())],
  [0x84, (machine) => extension(machine, machine.input.uint32())],
  [0x93, stackGlobal],
];

/** By code; protocols 0 to 5, by CPython's Lib/pickle.py. */
const MAKER_OF = table();

function table(): readonly (((machine: Machine) => Value) | undefined)[] {
  const all = new Array<((machine: Machine) => Value) | undefined>(256).fill(undefined);
  for (const [code, make] of MAKERS) {
    all[typeof code === 'string' ? code.charCodeAt(0) : code] = make;
  }
  return all;
}

export const STOP = 0x2e;

/**
 * Does what the opcode says, STOP aside.
 * @throws CheckpointError
 */
export function step(machine: Machine, code: number): void {
  const make = MAKER_OF[code];
  if (make === undefined) act(machine, code);
  else machine.stack.push(make(machine));
}

/** The opcodes that rearrange the stack, fill containers, or call. */
function act(machine: Machine, code: number): void {
  const { stack, input } = machine;
  switch (String.fromCharCode(code)) {
    case '(':
      stack.mark();
      return;
    case '0':
      stack.drop();
      return;
    case '1':
      stack.popMark();
      return;
    case 'a':
      stack.append([stack.pop()]);
      return;
    case 'e':
    case '\x90':
      stack.append(stack.popMark());
      return;
    case 's':
      setItem(stack);
      return;
    case 'u':
      stack.setItems(stack.popMark());
      return;
    case 'd':
      fill(stack, new PyDict());
      return;
    case '\x91':
      fill(stack, new PySet());
      return;
    case 'p':
      stack.put(place(input));
      return;
    case 'q':
      stack.put(input.byte());
      return;
    case 'r':
      stack.put(input.uint32());
      return;
    case '\x94':
      stack.put();
      return;
    case 'g':
      stack.get(place(input));
      return;
    case 'h':
      stack.get(input.byte());
      return;
    case 'j':
      stack.get(input.uint32());
      return;
    case 'R':
      call(machine, 'call');
      return;
    case '\x81':
      call(machine, 'new');
      return;
    case '\x92':
      // Named arguments stand on top.
      stack.pop();
      call(machine, 'new');
      return;
    case 'i':
      machine.call(global(machine), stack.popMark(), 'call');
      return;
    case 'o':
      callMarked(machine);
      return;
    case 'b':
      build(machine);
      return;
    case 'P':
      machine.persistent(input.line());
      return;
    case 'Q':
      machine.persistent(stack.pop());
      return;
    case '\x80':
      if (input.byte() > 5) throw input.fault('its protocol is not one of 0 to 5');
      return;
    case '\x95':
      input.take(8);
      return;
    case '\x97':
      throw input.fault('it needs buffers that are not in the file');
    case '\x98':
      return;
    default:
      throw input.fault(`0x${code.toString(16)} is no opcode`);
  }
}

function number<T extends Value>(input: PickleInput, value: T | undefined): T {
  if (value === undefined) throw input.fault('a number in it is none');
  return value;
}

function place(input: PickleInput): number {
  return Number(number(input, parseInteger(input.line())));
}

function global(machine: Machine): PyGlobal {
  const module = machine.input.line();
  return machine.global(module, machine.input.line());
}

function stackGlobal(machine: Machine): PyGlobal {
  const name = machine.stack.pop();
  const module = machine.stack.pop();
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw machine.input.fault('a name in it is no text');
  }
  return machine.global(module, name);
}

/** A class by a number that only the pickler's process knew. */
function extension(machine: Machine, code: number): PyGlobal {
  return machine.global('copyreg', `extension ${String(code)}`);
}

function call(machine: Machine, way: 'call' | 'new'): void {
  const args = machine.stack.pop();
  machine.call(machine.stack.pop(), argumentsOf(args), way);
}

function callMarked(machine: Machine): void {
  const [callee, ...args] = machine.stack.popMark();
  if (callee === undefined) throw machine.input.fault('its stack is empty');
  machine.call(callee, args, 'call');
}

function argumentsOf(args: Value): readonly Value[] {
  return args instanceof PyTuple ? args.items : [args];
}

function build(machine: Machine): void {
  const { stack } = machine;
  const state = stack.pop();
  const object = stack.top();
  if (object instanceof PyObject) object.state = state;
  else if (object instanceof PyGlobal) machine.changed(object);
}

function fill(stack: PickleStack, container: PySet | PyDict): void {
  const items = stack.popMark();
  stack.push(container);
  if (container instanceof PySet) stack.append(items);
  else stack.setItems(items);
}

function setItem(stack: PickleStack): void {
  const value = stack.pop();
  stack.setItems([stack.pop(), value]);
}

/** Python 2 wrote the `repr` of a string. */
function unquote(line: string): string {
  return line.trim().replace(/^(['"])(.*)\1$/s, '$2');
}

/** Python's raw-unicode-escape: `\uXXXX` and `\UXXXXXXXX`. */
function unescapeUnicode(line: string): string {
  return line.replace(
    /\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi,
    (all, short?: string, long?: string) => {
      const point = parseInt(short ?? long ?? '', 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : all;
    },
  );
}
