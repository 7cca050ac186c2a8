import type { TensorInfo } from '../model/inspection';

/** One endless name must not make every row as long. */
const WIDEST = 120;

/**
 * Rows of tensors under the names of their modules, cells in columns:
 *
 *     conv1 (Conv2D)
 *       kernel  float32 3x3x1x4  frozen
 *
 * @param cells of each tensor; `name` is that within the module
 */
export function moduleRows<T extends TensorInfo>(
  tensors: readonly T[],
  cells: (tensor: T, name: string, index: number) => readonly string[],
): readonly string[] {
  const rows = tensors.map((tensor, index) => cells(tensor, nameWithin(tensor), index));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.min(WIDEST, Math.max(widths[column] ?? 0, cell.length));
    });
  }
  let module: string | null = null;
  return tensors.flatMap((tensor, index) => {
    const row = (rows[index] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const line = `    ${row.join('  ')}`.trimEnd();
    if (tensor.module === module) return [line];
    module = tensor.module;
    const name = module === '' ? '(no module)' : module;
    return [`  ${name}${tensor.type && ` (${tensor.type})`}`, line];
  });
}

function nameWithin({ name, module }: TensorInfo): string {
  return module !== '' && name.startsWith(module) ? name.slice(module.length + 1) : name;
}
