/** The values that floating-point formats of up to 16 bits can hold, by their bits. */

/** What the highest exponent means. */
type Special =
  /** IEEE 754: infinities and NaN. */
  | 'ieee'
  /** All ones is NaN, there are no infinities. */
  | 'fn'
  /** Minus zero is the only NaN. */
  | 'fnuz'
  /** Every code is a number. */
  | 'finite';

interface Format {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  readonly special: Special;
}

/**
 * Sources: c10/util/Float8_*.h of PyTorch; OCP 8-bit Floating Point Specification 1.0 and OCP
 * Microscaling Formats 1.0 (opencompute.org).
 */
const FORMATS = {
  float16: { exponent: 5, mantissa: 10, bias: 15, special: 'ieee' },
  float8_e4m3fn: { exponent: 4, mantissa: 3, bias: 7, special: 'fn' },
  float8_e4m3fnuz: { exponent: 4, mantissa: 3, bias: 8, special: 'fnuz' },
  float8_e5m2: { exponent: 5, mantissa: 2, bias: 15, special: 'ieee' },
  float8_e5m2fnuz: { exponent: 5, mantissa: 2, bias: 16, special: 'fnuz' },
  float4_e2m1: { exponent: 2, mantissa: 1, bias: 1, special: 'finite' },
  float6_e2m3: { exponent: 2, mantissa: 3, bias: 1, special: 'finite' },
  float6_e3m2: { exponent: 3, mantissa: 2, bias: 3, special: 'finite' },
} as const satisfies Record<string, Format>;

const tables = new Map<keyof typeof FORMATS, Float32Array>();

/** The value of each code of a format. */
export function smallFloats(name: keyof typeof FORMATS): Float32Array {
  let table = tables.get(name);
  if (table === undefined) tables.set(name, (table = tableOf(FORMATS[name])));
  return table;
}

function tableOf(format: Format): Float32Array {
  const codes = 2 ** (1 + format.exponent + format.mantissa);
  return Float32Array.from({ length: codes }, (_, code) => valueOf(code, format));
}

function valueOf(code: number, { exponent, mantissa, bias, special }: Format): number {
  const signBit = 1 << (exponent + mantissa);
  const size = code & (signBit - 1);
  const sign = code < signBit ? 1 : -1;
  if (special === 'fnuz' && code === signBit) return NaN;
  if (special === 'fn' && size === signBit - 1) return NaN;
  const power = size >> mantissa;
  const fraction = (size & ((1 << mantissa) - 1)) / (1 << mantissa);
  if (special === 'ieee' && power === (1 << exponent) - 1) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return sign * (power === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (power - bias));
}

/** OCP E8M0: powers of two without a sign; all ones is NaN. */
export const scales = (): Float32Array =>
  Float32Array.from({ length: 256 }, (_, code) => (code === 255 ? NaN : 2 ** (code - 127)));
