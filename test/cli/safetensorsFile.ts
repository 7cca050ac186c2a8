/** A safetensors file of float32 tensors, in the order of the object. */
export function safetensorsFile(
  tensors: Readonly<Record<string, readonly number[]>>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, values] of Object.entries(tensors)) {
    const data_offsets = [end, (end += 4 * values.length)];
    header[name] = { dtype: 'F32', shape: [values.length], data_offsets };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const data = Buffer.from(Float32Array.from(Object.values(tensors).flat()).buffer);
  return Buffer.concat([length, text, data]);
}
