import type { PickleInput } from './input';
import { PyDict, PyList, PyObject, PySet, PyTuple, type Value } from './value';

/** Objects that a pickle may make: 100,000 tensors with Adam's state are two million. */
const MOST_OBJECTS = 4_000_000;

/** The stack and the memo of a pickle machine. */
export class PickleStack {
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  readonly #memo: Value[] = [];
  /** Memo places far beyond the others, as no pickler uses them. */
  readonly #farMemo = new Map<number, Value>();
  #objects = 0;

  constructor(private readonly input: PickleInput) {}

  push(value: Value): void {
    if (typeof value === 'object' && value !== null && ++this.#objects > MOST_OBJECTS) {
      throw this.input.fault('it makes more objects than any checkpoint needs');
    }
    this.#stack.push(value);
  }

  top(): Value {
    const bottom = this.#marks.at(-1) ?? 0;
    const top = this.#stack.at(-1);
    if (top === undefined || this.#stack.length <= bottom) {
      throw this.input.fault('its stack is empty');
    }
    return top;
  }

  pop(): Value {
    const top = this.top();
    this.#stack.pop();
    return top;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes what was pushed since the last mark. */
  popMark(): Value[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.input.fault('a mark is missing');
    return this.#stack.splice(mark);
  }

  /** POP, which takes the mark when nothing is above it, as in CPython. */
  drop(): void {
    if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  /** Takes so many values as a tuple. */
  tuple(length: number): PyTuple {
    const first = this.#stack.length - length;
    if (first < (this.#marks.at(-1) ?? 0)) throw this.input.fault('its stack is empty');
    return new PyTuple(this.#stack.splice(first));
  }

  append(items: readonly Value[]): void {
    const target = this.top();
    if (target instanceof PyList || target instanceof PySet || target instanceof PyObject) {
      for (const item of items) target.push(item);
    } else {
      throw this.input.fault('it appends to what is no list');
    }
  }

  setItems(items: readonly Value[]): void {
    const target = this.top();
    if (!(target instanceof PyDict || target instanceof PyObject) || items.length % 2 !== 0) {
      throw this.input.fault('it puts entries into what is no dict');
    }
    for (let at = 0; at < items.length; at += 2) {
      target.set(items[at] ?? null, items[at + 1] ?? null);
    }
  }

  /** @param index by default the count of places that are taken, as in CPython */
  put(index = this.#memo.length + this.#farMemo.size): void {
    const value = this.top();
    if (index <= this.#memo.length) {
      this.#memo[index] = value;
      this.#farMemo.delete(index);
    } else {
      this.#farMemo.set(index, value);
    }
  }

  get(index: number): void {
    const value = index < this.#memo.length ? this.#memo[index] : this.#farMemo.get(index);
    if (value === undefined) throw this.input.fault('it refers to what it has not made');
    this.#stack.push(value);
  }
}
