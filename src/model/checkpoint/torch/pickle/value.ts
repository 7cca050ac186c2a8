/** What a pickle makes here. Nothing of it runs: an object is its class, arguments and state. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyTuple
  | PyList
  | PySet
  | PyDict
  | PyGlobal
  | PyObject
  | Foreign;

export class PyTuple {
  declare private readonly brand: 'tuple';

  constructor(readonly items: readonly Value[]) {}
}

const NO_ENTRIES: ReadonlyMap<Value, Value> = new Map();
const NO_ITEMS: readonly Value[] = [];

export class PyList {
  declare private readonly brand: 'list';

  #items: Value[] | null;

  /** Takes `items` for its own. */
  constructor(items: Value[]) {
    this.#items = items.length === 0 ? null : items;
  }

  get items(): readonly Value[] {
    return this.#items ?? NO_ITEMS;
  }

  push(item: Value): void {
    // The first makes an array of one: an empty one that grows takes 17 places.
    if (this.#items === null) this.#items = [item];
    else this.#items.push(item);
  }
}

export class PySet {
  readonly items: Value[] = [];

  push(item: Value): void {
    this.items.push(item);
  }
}

/** Also `OrderedDict` and `defaultdict`. Keys that are no plain values are told apart by identity. */
export class PyDict {
  // Made when needed: each tensor of a checkpoint has an empty dict of hooks.
  #entries: Map<Value, Value> | null = null;

  get entries(): ReadonlyMap<Value, Value> {
    return this.#entries ?? NO_ENTRIES;
  }

  set(key: Value, value: Value): void {
    (this.#entries ??= new Map()).set(key, value);
  }
}

/** A class, function or constant that the pickle names. */
export class PyGlobal {
  /** `torch._utils._rebuild_tensor_v2` */
  readonly path: string;

  constructor(
    readonly module: string,
    readonly name: string,
  ) {
    this.path = `${module}.${name}`;
  }
}

/** What `torch.load` would have made by calling something. */
export class PyObject {
  /** What BUILD gave it: a dict of attributes as a rule. */
  state: Value | undefined;
  #items: Value[] | null = null;
  #entries: Map<Value, Value> | null = null;

  constructor(
    /** The class or function; null when the pickle had that made too. */
    readonly type: PyGlobal | null,
    readonly args: readonly Value[],
  ) {}

  /** What was appended to it, when it is a list. */
  get items(): readonly Value[] {
    return this.#items ?? NO_ITEMS;
  }

  /** What was put into it, when it is a dict. */
  get entries(): ReadonlyMap<Value, Value> {
    return this.#entries ?? NO_ENTRIES;
  }

  push(item: Value): void {
    (this.#items ??= []).push(item);
  }

  set(key: Value, value: Value): void {
    (this.#entries ??= new Map()).set(key, value);
  }
}

/** What the host of the pickle makes of persistent ids and calls: storages and tensors. */
export abstract class Foreign {
  abstract readonly foreign: string;
}

/** A count, size or offset that the pickle holds; null when it is none. */
export function asCount(value: Value | undefined): number | null {
  const count = typeof value === 'bigint' ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/** Text, which Python 2 wrote as bytes; null for anything else. */
export function asText(value: Value | undefined): string | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  return typeof value === 'string' ? value : null;
}

/** The members of a tuple or list; null for anything else. */
export function asSequence(value: Value | undefined): readonly Value[] | null {
  return value instanceof PyTuple || value instanceof PyList ? value.items : null;
}
