import type { TensorInfo } from '../../model/inspection';

/** A module while its tensors are collected. */
export interface Draft {
  readonly kind: 'module';
  /** Full name, with the separators that the names have. */
  readonly path: string;
  /** What is shown: the last part, or several when a path without branches was joined. */
  readonly label: string;
  readonly type: string;
  readonly children: readonly (Draft | ParameterDraft | StatisticsDraft)[];
}

interface ParameterDraft {
  readonly kind: 'parameter';
  readonly label: string;
  readonly tensor: TensorInfo;
}

interface StatisticsDraft {
  readonly kind: 'statistics';
  readonly tensors: TensorInfo[];
}

interface OpenDraft extends Draft {
  type: string;
  readonly modules: Map<string, OpenDraft>;
  readonly statistics: Map<string, StatisticsDraft>;
  readonly children: (OpenDraft | ParameterDraft | StatisticsDraft)[];
}

const SEPARATOR = /[./]/;

/** The modules of a model's tensors, in the order in which they first appear. */
export function drawUp(tensors: readonly TensorInfo[]): Draft {
  const root = open('', '');
  for (const tensor of tensors) {
    const owner = ownerOf(tensor);
    const end = tensor.kind === 'statistic' ? owner.length : lastSeparator(tensor.name);
    const module = descend(root, tensor.name, end, owner, tensor.type);
    if (tensor.kind === 'statistic') addStatistic(module, tensor);
    else module.children.push({ kind: 'parameter', label: leafLabel(tensor.name), tensor });
  }
  return { ...root, children: root.children.map(joined) };
}

/** The owning module where the name begins with it, else all parts of the name but the last. */
function ownerOf({ name, module }: TensorInfo): string {
  const inside = name.startsWith(module) && SEPARATOR.test(name[module.length] ?? '');
  return module !== '' && inside ? module : name.slice(0, lastSeparator(name));
}

/** The draft of the module at `name.slice(0, end)`, made with all that are missing above it. */
function descend(
  root: OpenDraft,
  name: string,
  end: number,
  owner: string,
  type: string,
): OpenDraft {
  let draft = root;
  for (let start = 0; start < end;) {
    const stop = nextSeparator(name, start, end);
    const path = name.slice(0, stop);
    let next = draft.modules.get(path);
    if (next === undefined) {
      next = open(path, name.slice(start, stop));
      draft.modules.set(path, next);
      draft.children.push(next);
    }
    if (path === owner) next.type = type;
    draft = next;
    start = stop + 1;
  }
  return draft;
}

function addStatistic(module: OpenDraft, tensor: TensorInfo): void {
  const known = module.statistics.get(tensor.module);
  if (known !== undefined) {
    known.tensors.push(tensor);
    return;
  }
  const statistics: StatisticsDraft = { kind: 'statistics', tensors: [tensor] };
  module.statistics.set(tensor.module, statistics);
  module.children.push(statistics);
}

/** A module whose only child is a module is shown with it on one row. */
function joined(draft: Draft['children'][number]): Draft['children'][number] {
  if (draft.kind !== 'module') return draft;
  const children = draft.children.map(joined);
  const [only] = children;
  if (children.length !== 1 || only?.kind !== 'module') return { ...draft, children };
  const separator = only.path[draft.path.length] ?? '';
  return { ...only, label: `${draft.label}${separator}${only.label}` };
}

function open(path: string, label: string): OpenDraft {
  const maps = {
    modules: new Map<string, OpenDraft>(),
    statistics: new Map<string, StatisticsDraft>(),
  };
  return { kind: 'module', path, label, type: '', children: [], ...maps };
}

function leafLabel(name: string): string {
  const at = lastSeparator(name);
  return at === 0 ? name : name.slice(at + 1);
}

/** Index of the last separator; 0 when there is none. */
function lastSeparator(name: string): number {
  return Math.max(0, name.lastIndexOf('.'), name.lastIndexOf('/'));
}

function nextSeparator(name: string, start: number, end: number): number {
  for (let index = start; index < end; index++) {
    if (SEPARATOR.test(name[index] ?? '')) return index;
  }
  return end;
}
