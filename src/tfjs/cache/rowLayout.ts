import type { TfTensor } from '../tfjsTypes';

/** What one feature of a sample is within its row. */
interface Part {
  readonly dtype: string;
  /** Without the batch. */
  readonly shape: readonly number[];
  /** Bytes before it in the row. */
  readonly offset: number;
  readonly bytes: number;
}

type Values = Float32Array | Int32Array | Uint8Array;

/** Makes a tensor of values: tfjs-core's `tensor`. */
export type MakeTensor = (values: Values, shape: readonly number[], dtype: string) => TfTensor;

/** How the features of a sample lie in one row of bytes, and batches of them in tensors. */
export class RowLayout {
  readonly rowBytes: number;

  private constructor(private readonly parts: readonly Part[]) {
    this.rowBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The layout of features that were computed for a batch; null when a type cannot be kept. */
  static of(features: readonly TfTensor[]): RowLayout | null {
    let offset = 0;
    const parts: Part[] = [];
    for (const { dtype, shape } of features) {
      const width = WIDTHS[dtype];
      if (width === undefined || shape.length === 0) return null;
      const own = shape.slice(1);
      const bytes = width * own.reduce((product, size) => product * size, 1);
      parts.push({ dtype, shape: own, offset, bytes });
      offset += bytes;
    }
    return offset === 0 ? null : new RowLayout(parts);
  }

  /** Whether features of another batch lie in the same way. */
  fits(features: readonly TfTensor[]): boolean {
    const other = RowLayout.of(features);
    return other !== null && other.key === this.key;
  }

  /** Types and shapes in one text. */
  get key(): string {
    return this.parts.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join();
  }

  /** The rows of a batch of features, one after the other, each valid until the next. */
  *pack(features: readonly TfTensor[]): Generator<Uint8Array> {
    const bytes = features.map((feature) => bytesOf(feature.dataSync()));
    const rows = features[0]?.shape[0] ?? 0;
    const row = new Uint8Array(this.rowBytes);
    for (let at = 0; at < rows; at++) {
      this.parts.forEach((part, index) => {
        const from = at * part.bytes;
        row.set((bytes[index] as Uint8Array).subarray(from, from + part.bytes), part.offset);
      });
      yield row;
    }
  }

  /** An empty batch that `put` fills row by row. */
  batch(rows: number): Batch {
    return new Batch(this.parts, rows);
  }
}

/** A batch of features under way to tensors. */
export class Batch {
  private readonly values: readonly Values[];
  private readonly bytes: readonly Uint8Array[];

  constructor(
    private readonly parts: readonly Part[],
    private readonly rows: number,
  ) {
    this.values = parts.map(({ dtype, bytes }) => allocate(dtype, rows * bytes));
    this.bytes = this.values.map(bytesOf);
  }

  put(at: number, row: Uint8Array): void {
    this.parts.forEach(({ offset, bytes }, index) => {
      const whole = bytes === row.length ? row : row.subarray(offset, offset + bytes);
      this.bytes[index]?.set(whole, at * bytes);
    });
  }

  tensors(make: MakeTensor): TfTensor[] {
    return this.values.map((values, index) => {
      const { shape, dtype } = this.parts[index] as Part;
      return make(values, [this.rows, ...shape], dtype);
    });
  }
}

/** Bytes of an element. */
const WIDTHS: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1 };

function allocate(dtype: string, bytes: number): Values {
  if (dtype === 'float32') return new Float32Array(bytes / 4);
  return dtype === 'int32' ? new Int32Array(bytes / 4) : new Uint8Array(bytes);
}

/** @throws Error when a backend hands out something else than numbers */
export function bytesOf(data: unknown): Uint8Array {
  if (!ArrayBuffer.isView(data)) throw new Error('its elements are not numbers');
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
