import type { ByteSource } from '../byteSource';
import type { Storage } from '../checkpoint';
import { checkRange } from '../range';
import type { Quantization } from './tfjsManifest';

/** Bytes of a value once decoded: float32 or int32. */
const DECODED = 4;
/** Values that are decoded at a time. */
const STEP = 16 * 1024;

/**
 * Values that are stored with fewer bits than the model has. They are read as TF.js reads them
 * (`decodeWeight` in tfjs-core's io_utils.ts), so that what is compared is what a model gets.
 */
export class QuantizedStorage implements Storage {
  readonly bytes: number;
  readonly crc32 = null;
  readonly place = null;
  /** Bytes of a stored value. */
  readonly #width: number;

  /** @param offset of the first value in `source`, bytes */
  constructor(
    private readonly source: ByteSource,
    private readonly offset: number,
    elements: number,
    private readonly quantization: Quantization,
    private readonly dtype: 'float32' | 'int32',
  ) {
    this.bytes = elements * DECODED;
    this.#width = widthOf(quantization);
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange({ name: this.source.name, size: this.bytes }, offset, target.length);
    let done = 0;
    while (done < target.length) {
      const at = offset + done;
      const first = Math.floor(at / DECODED);
      const end = Math.min(Math.ceil((offset + target.length) / DECODED), first + STEP);
      const decoded = this.#decode(first, end - first).subarray(at - first * DECODED);
      const part = decoded.subarray(0, target.length - done);
      target.set(part, done);
      done += part.length;
    }
  }

  #decode(first: number, count: number): Uint8Array {
    const raw = this.source.read(this.offset + first * this.#width, count * this.#width);
    const stored = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const values = new Uint8Array(count * DECODED);
    const view = new DataView(values.buffer);
    for (let index = 0; index < count; index++) {
      const code = this.#width === 1 ? stored.getUint8(index) : stored.getUint16(index * 2, true);
      if (this.quantization.dtype === 'float16') {
        view.setUint32(index * DECODED, float32Bits(code), true);
        continue;
      }
      const value = code * this.quantization.scale + this.quantization.min;
      if (this.dtype === 'float32') view.setFloat32(index * DECODED, value, true);
      else view.setInt32(index * DECODED, Math.round(value), true);
    }
    return values;
  }
}

/** Bytes of a stored value. */
export function widthOf({ dtype }: Quantization): number {
  return dtype === 'uint8' ? 1 : 2;
}

/** The bits of a float16 as those of a float32; a NaN keeps its payload, as in TF.js. */
function float32Bits(code: number): number {
  const sign = (code & 0x8000) << 16;
  const exponent = (code >> 10) & 31;
  const mantissa = code & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // A subnormal one: its highest bit becomes the implied one.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13);
}
