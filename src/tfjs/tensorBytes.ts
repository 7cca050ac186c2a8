import type { TfVariable } from './tfjsTypes';

/** The bytes of a tensor, or why they cannot be had. */
export type TensorBytes =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * The bytes of a variable, as a view on the backend's own memory where it hands that out
 * (pure JavaScript), otherwise on a copy. No tensor is made. Never throws.
 */
export function readBytes(variable: TfVariable): TensorBytes {
  try {
    return viewOf(variable.dataSync());
  } catch (error) {
    return unreadable(error);
  }
}

/** As `readBytes`, without blocking on an accelerator. Never rejects. */
export async function readBytesAsync(variable: TfVariable): Promise<TensorBytes> {
  try {
    return viewOf(await variable.data());
  } catch (error) {
    return unreadable(error);
  }
}

function viewOf(data: unknown): TensorBytes {
  if (!ArrayBuffer.isView(data)) {
    return { kind: 'unreadable', reason: 'its elements are not numbers' };
  }
  return { kind: 'bytes', bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength) };
}

function unreadable(error: unknown): TensorBytes {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'unreadable', reason: `the backend did not hand out its bytes: ${reason}` };
}
