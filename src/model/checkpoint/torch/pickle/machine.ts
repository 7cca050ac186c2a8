import type { PickleInput } from './input';
import { STOP, step, type Machine } from './opcodes';
import { PickleStack } from './stack';
import { PyGlobal, PyObject, type Value } from './value';

/** Says what the pickle's names and calls mean. Asked in the pickle's order; runs nothing. */
export interface PickleHost {
  /** The pickle names a global; `place` is in bytes from the start of the file. */
  named(global: PyGlobal, place: number): void;
  /** The pickle gives a global itself a state, which sets its attributes. */
  changed(global: PyGlobal, place: number): void;
  /**
   * What a call makes; undefined when it is to stay an opaque object.
   * @param callee null when the pickle had that made too
   * @param way `new` for `callee.__new__(callee, …)`, which classes alone have
   */
  call(
    callee: PyGlobal | null,
    args: readonly Value[],
    way: 'call' | 'new',
    place: number,
  ): Value | undefined;
  /** The object of a persistent id. */
  persistent(id: Value, place: number): Value;
}

const MOST_OPCODES = 60_000_000;

/**
 * Reads one pickle up to its STOP, executing nothing: globals are names, and calls are noted down.
 * The work is bounded by the length of the pickle, whatever it holds.
 * @throws CheckpointError
 */
export function readPickle(input: PickleInput, host: PickleHost): Value {
  const machine = new NotingMachine(input, host);
  for (let count = 0; count < MOST_OPCODES; count++) {
    machine.place = input.place;
    const code = input.byte();
    if (code === STOP) return machine.stack.pop();
    step(machine, code);
  }
  throw input.fault('it has more opcodes than any checkpoint needs');
}

class NotingMachine implements Machine {
  /** Of the opcode, in bytes from the start of the file. */
  place = 0;
  readonly stack: PickleStack;
  readonly #globals = new Map<string, PyGlobal>();

  constructor(
    readonly input: PickleInput,
    private readonly host: PickleHost,
  ) {
    this.stack = new PickleStack(input);
  }

  global(module: string, name: string): PyGlobal {
    const key = `${module}\n${name}`;
    let global = this.#globals.get(key);
    if (global === undefined) {
      global = new PyGlobal(module, name);
      this.#globals.set(key, global);
    }
    this.host.named(global, this.place);
    return global;
  }

  call(callee: Value, args: readonly Value[], way: 'call' | 'new'): void {
    const type = callee instanceof PyGlobal ? callee : null;
    this.stack.push(this.host.call(type, args, way, this.place) ?? new PyObject(type, args));
  }

  changed(global: PyGlobal): void {
    this.host.changed(global, this.place);
  }

  persistent(id: Value): void {
    this.stack.push(this.host.persistent(id, this.place));
  }
}
