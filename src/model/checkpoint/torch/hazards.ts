import type { CheckpointWarning } from '../checkpoint';
import { isDangerous } from './dangerousGlobals';
import { asSequence, PyGlobal, PyObject, type Value } from './pickle/value';
import { isUsual } from './usualGlobals';

/** What torch.load has imported anyway: only what a pickle calls of it is told. */
const IMPORTED =
  /^(?:builtins|__builtins?__|collections|_codecs|copy_?reg|argparse|pathlib|datetime|decimal|fractions|enum|uuid|typing|types|functools|numpy|torch|omegaconf|__torch__)(?:\.|$)/;
/** What makes objects of the class that it is given, or calls the function, now or later. */
const CALLS_FIRST =
  /^(?:copy_?reg\.(?:_reconstructor|__newobj__|__newobj_ex__)|numpy\._?core\.multiarray\._reconstruct|torch\._utils\._rebuild_wrapper_subclass|torch\._tensor\._rebuild_from_type(?:_v2)?|functools\.partial|collections\.defaultdict)$/;

const MOST_NAMED = 20;
const ADVICE =
  'Open it in Python only if you trust where it comes from. Nothing of it was run here.';
const REFUSED = 'refuses to by default since PyTorch 2.6.';

interface Hazard {
  readonly path: string;
  readonly place: number;
  /** What it would have been called with; null while it is only named. */
  args: readonly Value[] | null;
}

type Kind = 'usual' | 'calls its first' | 'unusual';
type Hazardous = Map<string, Hazard>;

/**
 * Notes what a pickle would have imported and run besides what tensors and training checkpoints are
 * made of. What is dangerous is told when it is named, the rest of torch and NumPy when it is called.
 */
export class Hazards {
  readonly #dangerous: Hazardous = new Map();
  readonly #changed: Hazardous = new Map();
  /** Functions of torch and NumPy that are called, which may do anything too. */
  readonly #functions: Hazardous = new Map();
  /** Classes of torch and NumPy that objects are made of. */
  readonly #classes: Hazardous = new Map();
  readonly #foreign: Hazardous = new Map();
  /** Classes and functions of theirs that are named. */
  readonly #named: Hazardous = new Map();
  readonly #kinds = new Map<PyGlobal, Kind>();
  /** Where the pickle first calls what it made itself. */
  #indirect: number | null = null;

  named(global: PyGlobal, place: number): void {
    if (this.#kindOf(global) !== 'unusual') return;
    note(this.#listOf(global), global, place);
  }

  /**
   * @param callee null when the pickle made it itself
   * @param way `new` for what only classes have
   */
  called(
    callee: PyGlobal | null,
    args: readonly Value[],
    way: 'call' | 'new',
    place: number,
  ): void {
    if (callee === null) {
      this.#indirect ??= place;
      return;
    }
    const kind = this.#kindOf(callee);
    if (kind === 'calls its first') this.#calledBy(callee, args, place);
    if (kind !== 'unusual') return;
    let list = this.#listOf(callee);
    if (list === this.#named) list = way === 'call' ? this.#functions : this.#classes;
    const hazard = note(list, callee, place);
    if (way === 'call') hazard.args ??= args;
  }

  /** The pickle gives a class or module itself other attributes, as no pickler does. */
  changed(global: PyGlobal, place: number): void {
    note(this.#changed, global, place);
  }

  warnings(): readonly CheckpointWarning[] {
    return [
      ...eachOf(
        this.#dangerous,
        'like these',
        ADVICE,
        ({ path, args }) =>
          `torch.load ${args === null ? 'would load' : 'would run'} ${short(path)}${callText(args)}`,
      ),
      ...eachOf(
        this.#changed,
        'like these',
        ADVICE,
        ({ path }) => `torch.load would change ${short(path)} itself`,
      ),
      ...eachOf(
        this.#functions,
        'that tensors are not made of',
        `torch.load calls it, and ${REFUSED} ${ADVICE}`,
        ({ path, args }) =>
          `The file calls ${short(path)}${callText(args)}, which is none of the functions that tensors are made of`,
      ),
      ...this.#indirectWarning(),
      ...grouped(
        this.#classes,
        (names) => `The file holds objects of ${names}, which no state dict is made of`,
        `torch.load makes them, and ${REFUSED}`,
      ),
      ...grouped(
        this.#foreign,
        (names, several) =>
          `The file refers to ${several ? 'classes' : 'the class'} ${names} of other code`,
        `torch.load imports that code, and ${REFUSED}`,
      ),
    ];
  }

  /** Asked for with every tensor. */
  #kindOf(global: PyGlobal): Kind {
    let kind = this.#kinds.get(global);
    if (kind === undefined) {
      const usual = CALLS_FIRST.test(global.path) ? 'calls its first' : 'usual';
      kind = isUsual(global) ? usual : 'unusual';
      this.#kinds.set(global, kind);
    }
    return kind;
  }

  #listOf(global: PyGlobal): Hazardous {
    if (isDangerous(global)) return this.#dangerous;
    return IMPORTED.test(global.path) ? this.#named : this.#foreign;
  }

  #calledBy({ name }: PyGlobal, args: readonly Value[], place: number): void {
    const [first, second, third] = args;
    // What these keep is told when it is called.
    const keeps = name === 'partial' || name === 'defaultdict';
    const call = (callee: Value | undefined, way: 'call' | 'new'): void => {
      if (callee instanceof PyGlobal && !CALLS_FIRST.test(callee.path)) {
        this.called(callee, asSequence(third) ?? [], way, place);
      } else if (!keeps && (callee instanceof PyGlobal || callee instanceof PyObject)) {
        this.#indirect ??= place;
      }
    };
    const byFunction = name.startsWith('_rebuild_from_type');
    call(first, byFunction ? 'call' : 'new');
    // The type of the tensor, and the base of a class.
    if (byFunction || name === '_reconstructor') call(second, 'new');
  }

  #indirectWarning(): readonly CheckpointWarning[] {
    const place = this.#indirect;
    // What is dangerous is told by its name.
    if (place === null || this.#dangerous.size > 0) return [];
    const told = (path: string): boolean => this.#functions.has(path) || this.#classes.has(path);
    const names = [...this.#named.keys()].filter((path) => !told(path));
    const of = names.length === 0 ? '' : `, and names ${listed(names)}`;
    const text = `The file calls functions by way of others${of}`;
    return [{ text, advice: ADVICE, offset: place }];
  }
}

function note(list: Hazardous, { path }: PyGlobal, place: number): Hazard {
  const known = list.get(path);
  if (known !== undefined) return known;
  const hazard = { path, place, args: null };
  list.set(path, hazard);
  return hazard;
}

/** A warning for each, up to a number. */
function eachOf(
  list: Hazardous,
  like: string,
  advice: string,
  textOf: (hazard: Hazard) => string,
): readonly CheckpointWarning[] {
  const all = [...list.values()];
  const warnings = all
    .slice(0, MOST_NAMED)
    .map((hazard) => ({ text: textOf(hazard), advice, offset: hazard.place }));
  const next = all[MOST_NAMED];
  if (next === undefined) return warnings;
  const more = String(all.length - MOST_NAMED);
  const text = `torch.load would run ${more} more functions ${like}`;
  return [...warnings, { text, advice, offset: next.place }];
}

/** One warning for all: a whole model is made of dozens of classes. */
function grouped(
  list: Hazardous,
  textOf: (names: string, several: boolean) => string,
  advice: string,
): readonly CheckpointWarning[] {
  const [first] = list.values();
  if (first === undefined) return [];
  return [{ text: textOf(listed([...list.keys()]), list.size > 1), advice, offset: first.place }];
}

function listed(paths: readonly string[]): string {
  const more = paths.length > MOST_NAMED ? ` and ${String(paths.length - MOST_NAMED)} more` : '';
  return `${paths.slice(0, MOST_NAMED).map(short).join(', ')}${more}`;
}

/** The first arguments, as far as they are text or numbers. */
function callText(args: readonly Value[] | null): string {
  if (args === null) return '';
  const shown = args.slice(0, 3).map((arg) => {
    if (typeof arg === 'string') return JSON.stringify(short(arg));
    return typeof arg === 'number' || typeof arg === 'boolean' ? String(arg) : '…';
  });
  return `(${shown.join(', ')}${args.length > 3 ? ', …' : ''})`;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
