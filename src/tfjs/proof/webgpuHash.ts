import type { Eventual } from './eventual';
import { digestOf, ROW_WORDS, type Weights } from './rowHash';
import { hashesOf, ROWS_AT_ONCE, SHADER, STRIDE } from './shader';

/** What is used of tfjs-backend-webgpu's backend. */
export interface WebgpuBackend {
  readonly device: GPUDevice;
  readonly commandEncoder: unknown;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Where the words of a tensor are: in a buffer of the device, or not there yet. */
export type Source = GPUBuffer | Float32Array | Int32Array;

// GPUBufferUsage and GPUMapMode, which Node has only where a script put them.
const MAP_READ = 1;
const COPY_SRC = 4;
const COPY_DST = 8;
const STORAGE = 0x80;
const READ = 1;

interface Prepared {
  readonly pipeline: GPUComputePipeline;
  readonly weights: GPUBuffer;
}

const prepared = new WeakMap<GPUDevice, WeakMap<Weights, Prepared>>();

/** How many hashes each device still works on. */
const working = new Map<GPUDevice, number>();

/**
 * For the end of the process: gives up devices that still work on a hash. Dawn dies of a
 * segmentation fault when a process exits while it waits for one to be mapped.
 */
export function abandonHashes(): void {
  for (const device of working.keys()) device.destroy();
  working.clear();
}

/** Waits for promises of a device without giving up control. */
type Settle = <T>(promise: Promise<T>) => T;

/**
 * The fingerprint of `hashRows`, computed by a WebGPU device; of 64 KB, 52 bytes are read back.
 * The bytes are those at the time of the call: it hands all work to the device before it returns.
 * @param words of the tensor, at least 1
 * @param settle null where only promises can wait for the device
 */
export function hashOnWebgpu(
  backend: WebgpuBackend,
  source: Source,
  words: number,
  weights: Weights,
  settle: Settle | null,
): Eventual<Buffer> {
  const { device } = backend;
  // What TensorFlow.js has recorded and not yet handed over may write the tensor.
  backend.endComputePassEncoder();
  if (backend.commandEncoder !== null) backend.submitQueue();
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const { sums, temporary } = submit(device, source, words, preparedFor(device, weights));
  const scopes = [device.popErrorScope(), device.popErrorScope()];
  const mapped = sums.mapAsync(READ);
  let digest: Buffer | null = null;
  const finish = (errors: readonly (GPUError | null)[]): Buffer => {
    if (digest !== null) return digest;
    try {
      const [error] = errors.filter((each) => each !== null);
      if (error !== undefined) throw new Error(error.message);
      digest = digestOf(hashesOf(new Uint32Array(sums.getMappedRange().slice(0))), words);
      return digest;
    } finally {
      for (const buffer of [sums, ...temporary]) buffer.destroy();
    }
  };
  working.set(device, (working.get(device) ?? 0) + 1);
  const done = (): void => {
    const left = (working.get(device) ?? 1) - 1;
    if (left > 0) working.set(device, left);
    else working.delete(device);
  };
  const later = Promise.all([Promise.all(scopes), mapped]).then(([errors]) => finish(errors));
  // Who asks for it meets the failure; until then nobody waits for it.
  later.then(done, done);
  const now = (): Buffer | null => {
    if (digest !== null || settle === null) return digest;
    const errors = scopes.map(settle);
    settle(mapped);
    return finish(errors);
  };
  return { now, later: () => later };
}

/** Hands the work to the device. @returns a buffer to be mapped, and all that was made beside it */
function submit(
  device: GPUDevice,
  source: Source,
  words: number,
  { pipeline, weights }: Prepared,
): { readonly sums: GPUBuffer; readonly temporary: readonly GPUBuffer[] } {
  const rows = Math.ceil(words / ROW_WORDS);
  const bytes = rows * STRIDE * 4;
  const written = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const sums = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
  const temporary = [written];
  const encoder = device.createCommandEncoder();
  for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - row);
    const from = row * ROW_WORDS;
    const size = 4 * Math.min(count * ROW_WORDS, words - from);
    const resource = { buffer: source as GPUBuffer, offset: 4 * from, size };
    if (ArrayBuffer.isView(source)) {
      resource.buffer = device.createBuffer({ size, usage: STORAGE | COPY_DST });
      resource.offset = 0;
      device.queue.writeBuffer(
        resource.buffer,
        0,
        source as Float32Array<ArrayBuffer>,
        from,
        size / 4,
      );
      temporary.push(resource.buffer);
    }
    const region = { offset: row * STRIDE * 4, size: count * STRIDE * 4 };
    const entries = [resource, { buffer: weights }, { buffer: written, ...region }];
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const layout = pipeline.getBindGroupLayout(0);
    const bound = entries.map((each, binding) => ({ binding, resource: each }));
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: bound }));
    pass.dispatchWorkgroups(count);
    pass.end();
  }
  encoder.copyBufferToBuffer(written, 0, sums, 0, bytes);
  device.queue.submit([encoder.finish()]);
  return { sums, temporary };
}

function preparedFor(device: GPUDevice, weights: Weights): Prepared {
  const byWeights = prepared.get(device) ?? new WeakMap<Weights, Prepared>();
  prepared.set(device, byWeights);
  const found = byWeights.get(weights);
  if (found !== undefined) return found;
  const module = device.createShaderModule({ code: SHADER });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const { byHalf } = weights;
  const usage = STORAGE | COPY_DST;
  const made = { pipeline, weights: device.createBuffer({ size: byHalf.byteLength, usage }) };
  device.queue.writeBuffer(made.weights, 0, byHalf as Uint32Array<ArrayBuffer>);
  byWeights.set(weights, made);
  return made;
}
