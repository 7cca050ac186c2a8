import type { TensorKind } from '../../../freeze/tensor';
import { CheckpointError } from '../checkpointError';
import { asAnyTensor, attributesOf, contentsOf, isContainer, type Container } from './contents';
import { PyDict, PyObject, type Value } from './pickle/value';
import type { TensorValue, UnknownTensor } from './tensorValue';
import { innerParts } from './wrappers';

/** A tensor by its name within a model. */
export interface NamedTensorValue {
  readonly name: string;
  readonly tensor: TensorValue | UnknownTensor;
  /** Null where the file does not tell. */
  readonly kind: TensorKind | null;
  /** Class of the module; empty where the file does not tell. */
  readonly type: string;
}

/** Parts of a name: no model nests deeper. */
const MOST_PARTS = 200;
const MOST_CHARACTERS = 4096;
/** Members of modules that are gone through again where they are reached again: aliases. */
const MOST_AGAIN = 20_000;

/** A pickled `nn.Module`: its state dict has `_parameters`, `_buffers` and `_modules`. */
export function isModule(value: Value): value is PyObject {
  return (
    value instanceof PyObject &&
    value.state instanceof PyDict &&
    value.state.entries.get('_modules') instanceof PyDict
  );
}

/** An object of TorchScript, whose attributes are its parameters, buffers and submodules. */
export function isScript(value: Value): value is PyObject {
  return value instanceof PyObject && value.type?.module.startsWith('__torch__') === true;
}

/** What a model's module is, wrappers taken off. */
export function unwrapped(module: PyObject): PyObject {
  const seen = new Set<PyObject>();
  let inner = module;
  while (!seen.has(inner)) {
    seen.add(inner);
    const wrapped = innerParts(inner.type)
      .map((part) => membersOf(inner, '_modules').get(part))
      .find((each) => each instanceof PyObject);
    if (wrapped instanceof PyObject) inner = wrapped;
  }
  return inner;
}

/**
 * All tensors within a value, named by the keys, indices and attributes that lead there, in the
 * order of the file. Modules that are reached twice name their tensors twice, within bounds; what
 * contains itself ends there.
 * @param file as messages show it
 * @throws CheckpointError for names beyond all bounds
 */
export function tensorsWithin(root: Container, file: string): readonly NamedTensorValue[] {
  const found: NamedTensorValue[] = [];
  const seen = new Set<Container>();
  let again = 0;
  const open: Step[] = [{ value: root, name: '', kind: null, type: '', above: null, depth: 0 }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { name, kind, type } = step;
    const tensor = asAnyTensor(step.value);
    if (tensor !== null) {
      found.push({ name, tensor, kind, type });
      continue;
    }
    const value = isModule(step.value) ? unwrapped(step.value) : step.value;
    if (!isContainer(value) || isAbove(step, value)) continue;
    const known = seen.has(value);
    if (known && (!isModule(value) || again > MOST_AGAIN)) continue;
    seen.add(value);
    if (step.depth > MOST_PARTS || name.length > MOST_CHARACTERS) {
      throw new CheckpointError(
        file,
        null,
        'what is in it is nested too deeply, or named too long.',
      );
    }
    const below = [...stepsInto(value, { ...step, value })];
    if (known) again += below.length;
    for (const each of below.reverse()) open.push(each);
  }
  return found;
}

interface Step {
  readonly value: Value;
  readonly name: string;
  readonly kind: TensorKind | null;
  readonly type: string;
  readonly above: Step | null;
  readonly depth: number;
}

function* stepsInto(container: Container, above: Step): Iterable<Step> {
  const into = (key: string, value: Value, kind: TensorKind | null, type: string): Step => ({
    ...{ value, kind, type, above, depth: above.depth + 1 },
    name: above.name === '' ? key : `${above.name}.${key}`,
  });
  if (isModule(container)) {
    const type = container.type?.name ?? '';
    const own = (part: string, kind: TensorKind): Step[] =>
      [...membersOf(container, part)].map(([key, value]) => into(key, value, kind, type));
    yield* own('_parameters', 'parameter');
    yield* own('_buffers', 'statistic');
    for (const [key, value] of membersOf(container, '_modules')) yield into(key, value, null, '');
    return;
  }
  const script = isScript(container);
  const type = script ? (container.type?.name ?? '') : '';
  const members = [...(script ? attributesOf(container) : contentsOf(container))];
  if (script) members.sort((one, other) => rank(one[1]) - rank(other[1]));
  for (const [key, value] of members) {
    if (isContainer(value) || asAnyTensor(value) !== null) yield into(key, value, null, type);
  }
}

/** As in a state dict, the own tensors of a module come before those of its submodules. */
function rank(value: Value): number {
  return asAnyTensor(value) === null ? 1 : 0;
}

function membersOf(module: PyObject, part: string): ReadonlyMap<string, Value> {
  const state = module.state instanceof PyDict ? module.state.entries.get(part) : undefined;
  return state instanceof PyDict ? new Map(contentsOf(state)) : new Map<string, Value>();
}

function isAbove(step: Step, value: Value): boolean {
  for (let each = step.above; each !== null; each = each.above) {
    if (each.value === value) return true;
  }
  return false;
}
