import type { CellLetter, ModelView, TensorView } from '../runs/report/reportView';
import { letterAt, WORST_FIRST } from './verdicts';

/** A line of the table. */
export type TableRow =
  | { readonly kind: 'tensor'; /** Index of the tensor. */ readonly tensor: number }
  | {
      readonly kind: 'group';
      readonly module: string;
      readonly type: string;
      /** Indices of its tensors that pass the filter. */
      readonly tensors: readonly number[];
      readonly open: boolean;
    };

export interface TableFilter {
  /** Words that must all occur in a tensor's names, class or kind. */
  readonly text: string;
  readonly onlyProblems: boolean;
  readonly grouped: boolean;
  /** Modules whose group is folded. */
  readonly folded: ReadonlySet<string>;
}

/** The lines that the table shows of a model. */
export function tableRows(model: ModelView, filter: TableFilter): readonly TableRow[] {
  const matching = matchingTensors(model, filter);
  if (!filter.grouped) return matching.map((tensor) => ({ kind: 'tensor', tensor }));
  const groups = new Map<string, number[]>();
  for (const tensor of matching) {
    const module = model.tensors[tensor]?.module ?? '';
    const members = groups.get(module);
    if (members === undefined) groups.set(module, [tensor]);
    else members.push(tensor);
  }
  return [...groups].flatMap(([module, tensors]): TableRow[] => {
    const open = !filter.folded.has(module);
    const type = model.tensors[tensors[0] ?? -1]?.type ?? '';
    const group: TableRow = { kind: 'group', module, type, tensors, open };
    return open
      ? [group, ...tensors.map((tensor): TableRow => ({ kind: 'tensor', tensor }))]
      : [group];
  });
}

/** How many tensors pass the filter. */
export function countTensors(rows: readonly TableRow[]): number {
  return rows.reduce((sum, row) => {
    if (row.kind === 'group') return row.open ? sum : sum + row.tensors.length;
    return sum + 1;
  }, 0);
}

/** The worst cell of some tensors in one epoch. */
export function worstCell(cells: string, tensors: readonly number[]): CellLetter {
  let worst: CellLetter = 't';
  for (const tensor of tensors) {
    const letter = letterAt(cells, tensor);
    if (WORST_FIRST.indexOf(letter) < WORST_FIRST.indexOf(worst)) worst = letter;
  }
  return worst;
}

function matchingTensors(model: ModelView, { text, onlyProblems }: TableFilter): readonly number[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const problems = onlyProblems ? problemTensors(model) : null;
  return model.tensors.flatMap((tensor, index) => {
    if (problems !== null && problems[index] !== 1) return [];
    return words.length === 0 || matches(tensor, words) ? [index] : [];
  });
}

function matches({ name, aliases, type, kind }: TensorView, words: readonly string[]): boolean {
  const text = `${name} ${aliases} ${type} ${kind}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * 1 for each tensor that some epoch shows as anything but intact, trainable or pending; of compared
 * files, trainable ones that changed are none either.
 */
function problemTensors({ tensors, columns }: ModelView): Uint8Array {
  const found = new Uint8Array(tensors.length);
  for (const { cells } of columns) {
    for (const { index } of cells.matchAll(/[mspnbdgv]/g)) found[index] = 1;
  }
  return found;
}
