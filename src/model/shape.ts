import type { TensorInfo } from './inspection';

type Shaped = Pick<TensorInfo, 'shape'>;

/** How many elements a tensor has; 1 for a scalar. */
export function elementCount({ shape }: Shaped): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** `3×3×1×8`; `scalar` for a tensor without dimensions. */
export function shapeText({ shape }: Shaped, separator = '×'): string {
  return shape.length === 0 ? 'scalar' : shape.join(separator);
}
