/**
 * Element types by the names that PyTorch gives them (`torch.float8_e4m3fn` without its prefix);
 * other formats are translated into these.
 */
const BITS = {
  bool: 8,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  uint32: 32,
  int32: 32,
  uint64: 64,
  int64: 64,
  float16: 16,
  bfloat16: 16,
  float32: 32,
  float64: 64,
  float8_e4m3fn: 8,
  float8_e4m3fnuz: 8,
  float8_e5m2: 8,
  float8_e5m2fnuz: 8,
  float8_e8m0fnu: 8,
  /** Of safetensors (OCP microscaling): two elements in a byte, or four in three. */
  float4_e2m1: 4,
  float6_e2m3: 6,
  float6_e3m2: 6,
  /** Of PyTorch: one element of the shape is a byte that holds two numbers. */
  float4_e2m1fn_x2: 8,
  int4: 4,
  uint4: 4,
  complex32: 32,
  /** Two bfloat16; since PyTorch 2.15. */
  bcomplex32: 32,
  complex64: 64,
  complex128: 128,
  /** Of PyTorch's quantized tensors: the integers; scale and zero point stand elsewhere. */
  qint8: 8,
  quint8: 8,
  qint32: 32,
  quint4x2: 4,
  quint2x4: 2,
} as const;

/** An element type whose bits can be told apart. */
export type Dtype = keyof typeof BITS;

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(BITS, name);
}

/** Bits of one element. */
export function bitsOf(dtype: Dtype): number {
  return BITS[dtype];
}

/** Bytes of so many elements that lie one behind the other; packed elements are rounded up. */
export function bytesOf(dtype: Dtype, elements: number): number {
  return Math.ceil((elements * BITS[dtype]) / 8);
}
