import { asAnyTensor, contentsOf, isContainer, type Container } from './contents';
import { isModule, isScript, unwrapped } from './moduleTensors';
import { PyDict, PyList, PyObject, PyTuple, type Value } from './pickle/value';

/** Where a model stands in a checkpoint. */
export interface FoundModel {
  readonly root: Container;
  readonly name: string;
  /** Of a pickled module; empty for a state dict. */
  readonly className: string;
  /** For an average (EMA) of another model of the checkpoint: its name. */
  readonly copyOf: string | null;
}

/** Keys under which training checkpoints keep models. */
const MODEL_KEY =
  /^(?:(?:\w+_)?(?:state_dict|model|net|network|module|weights|params|generator|discriminator|student|teacher|actor|critic|ema)(?:_\w+)?|net[A-Z]\w*|[gdGD])$/;
/** Those of them that say nothing of which model. */
const PLAIN_KEY =
  /^_?(?:(?:model_?)?state_dict|model_?state|model|net|network|module|weights|params|shadow_?params|shadow)?_?$/;
/** Averages of weights: exponential (EMA) or stochastic (SWA). */
const AVERAGE = /(^|_)(?:ema|swa|averaged?|shadow(?:_params)?)(?=$|_)/i;
/** What trains a model, or says how it was trained. */
const NO_MODEL =
  /optim|^opts?$|_opts?$|^opts?_|sched|scaler|callbacks|^loops$|rng|random_state|hyper_?param|train_args|^args$|^cfg$|^config$/i;
/** More mappings side by side than this are the layers of one model. */
const MOST_MODELS = 6;
const MOST_DEPTH = 16;
/** Containers in each other that are gone through. */
const MOST_NESTING = 1000;

/**
 * Finds the models of a checkpoint: pickled modules, and mappings of names to tensors, under the
 * keys that training scripts, Lightning, timm, Ultralytics, fastai and DeepSpeed use, else by their
 * structure. State of optimizers is none.
 */
export function findModels(root: Value): FoundModels {
  if (!isContainer(root)) return { models: [], tooDeep: false };
  const holds = new Holdings(root);
  const found: Candidate[] = [];
  search(root, [], holds, new Set(), found);
  return { models: nameModels(found), tooDeep: holds.tooDeep };
}

export interface FoundModels {
  readonly models: readonly FoundModel[];
  /** Whether containers were not looked into since they lie too deep. */
  readonly tooDeep: boolean;
}

interface Candidate {
  readonly root: Container;
  readonly path: readonly string[];
}

function search(
  container: Container,
  path: readonly string[],
  holds: Holdings,
  seen: Set<Container>,
  found: Candidate[],
): void {
  // There may be more ways to one container than anybody can go.
  if (!holds.tensors(container) || seen.has(container)) return;
  seen.add(container);
  const members = [...contentsOf(container)];
  const direct = members.flatMap(([, value]) => asAnyTensor(value) ?? []);
  const kids = members.flatMap(([key, value]) =>
    isContainer(value) &&
    !NO_MODEL.test(key) &&
    asAnyTensor(value) === null &&
    holds.tensors(value) &&
    !seen.has(value)
      ? [{ key, value }]
      : [],
  );
  const into = (some: typeof kids): void => {
    for (const { key, value } of some) search(value, [...path, key], holds, seen, found);
  };
  const whole = isModule(container) || isScript(container) || path.length >= MOST_DEPTH;
  // Lists of tensors beside models are states of random generators, except those of averages.
  const models = kids.filter(({ key, value }) => !isList(value) || AVERAGE.test(key));
  const known = models.filter(({ key, value }) => MODEL_KEY.test(key) || isModule(value));
  if (!whole && known.length > 0) into(models);
  else if (!whole && direct.every(({ shape }) => shape.length === 0) && few(kids)) into(kids);
  else found.push({ root: container, path });
}

function few(kids: readonly unknown[]): boolean {
  return kids.length > 0 && kids.length <= MOST_MODELS;
}

function isList(value: Container): boolean {
  return value instanceof PyList || value instanceof PyTuple;
}

/** Which containers hold tensors of models, each looked into once. */
class Holdings {
  readonly #known = new Map<Container, boolean>();
  readonly #skipped = new Set<Container>();

  constructor(root: Container) {
    // Depth first without recursion: a pickle may nest as deep as it is long.
    const open: Entered[] = [];
    const enter = (container: Container): void => {
      this.#known.set(container, false);
      this.#skipped.delete(container);
      const members = isOptimizer(container) ? [] : contentsOf(container);
      const all = isModule(container);
      open.push({ container, all, members: members[Symbol.iterator](), holds: false });
    };
    enter(root);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.members.next();
      if (next.done === true) {
        this.#known.set(top.container, top.holds);
        open.pop();
        const above = open.at(-1);
        if (above !== undefined) above.holds ||= top.holds;
        continue;
      }
      const [key, value] = next.value;
      if (asAnyTensor(value) !== null) top.holds = true;
      else if (isContainer(value) && (top.all || !NO_MODEL.test(key))) {
        const known = this.#known.get(value);
        if (known !== undefined) top.holds ||= known;
        else if (open.length < MOST_NESTING) enter(value);
        else this.#skipped.add(value);
      }
    }
  }

  get tooDeep(): boolean {
    return this.#skipped.size > 0;
  }

  tensors(container: Container): boolean {
    return this.#known.get(container) ?? false;
  }
}

/** A container that is being gone through. */
interface Entered {
  readonly container: Container;
  /** Whether its keys are names of the user's and exclude nothing. */
  readonly all: boolean;
  readonly members: Iterator<readonly [key: string, value: Value]>;
  holds: boolean;
}

/** The state dict of an optimizer, or what it keeps for one parameter. */
function isOptimizer(container: Container): boolean {
  if (!(container instanceof PyDict)) return false;
  const { entries } = container;
  return (
    (entries.has('state') && entries.has('param_groups')) ||
    ['exp_avg', 'exp_avg_sq', 'momentum_buffer', 'square_avg'].some((key) => entries.has(key))
  );
}

/** The only model is called `model` when its keys say nothing else; several bear what tells them apart. */
function nameModels(found: readonly Candidate[]): readonly FoundModel[] {
  const taken = new Set<string>();
  const free = (name: string, path: readonly string[]): string => {
    const names = [name, path.join('.')].filter((each) => each !== '');
    for (let count = 2; ; count++) {
      const unused = names.find((each) => !taken.has(each));
      if (unused !== undefined) {
        taken.add(unused);
        return unused;
      }
      names.push(`${name} ${String(count)}`);
    }
  };
  const average = (path: readonly string[]): boolean => path.some((part) => AVERAGE.test(part));
  const originals = found.filter(({ path }) => !average(path));
  const mains = originals.length > 0 ? originals : found.slice(0, 1);
  const names = new Map(
    mains.map((candidate) => {
      const { path } = candidate;
      return [candidate, free(plainName(path), path)];
    }),
  );
  return found.map((candidate) => {
    const { root, path } = candidate;
    const known = names.get(candidate);
    const className = classOf(root);
    if (known !== undefined) return { root, className, name: known, copyOf: null };
    const of = [...names.values()];
    const copied = of.find((each) => each === plainName(path)) ?? of[0] ?? null;
    return { root, className, name: free(path.join('.'), path), copyOf: copied };
  });
}

/** What the keys say of which model it is. */
function plainName(path: readonly string[]): string {
  const parts = path.map((part) => part.replace(AVERAGE, '').replace(/^_|_$/g, ''));
  const telling = parts.filter((part) => !PLAIN_KEY.test(part));
  return telling.length === 0 ? 'model' : telling.join('.');
}

function classOf(root: Container): string {
  if (!(root instanceof PyObject)) return '';
  const { type } = isModule(root) ? unwrapped(root) : root;
  return isModule(root) || isScript(root) ? (type?.name ?? '') : '';
}
