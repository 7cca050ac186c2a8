import {
  BUFFER_USAGE,
  MAP_READ,
  type GpuBuffer,
  type GpuCommandEncoder,
} from '../../engines/webgpu/gpuTypes';
import type { Ticks } from '../../engines/webgpu/ticks';
import { isBag, type Bag, type Method } from '../tfjsTypes';

/** What the backend of tfjs-backend-webgpu 4.x keeps of a tensor. */
interface TensorData {
  readonly dtype: string;
  /** On the CPU, when they are there as well; null or undefined otherwise. */
  readonly values?: unknown;
  readonly resource?: GpuBuffer | null;
}

/** The parts of tfjs-backend-webgpu's `WebGPUBackend` that a read needs. */
export interface ReadableBackend {
  readonly tensorMap: { get(dataId: unknown): TensorData };
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number): GpuBuffer;
    releaseBuffer(buffer: GpuBuffer): void;
  };
  readonly commandEncoder: Pick<GpuCommandEncoder, 'copyBufferToBuffer'>;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  convertAndCacheOnCPU(dataId: unknown, values: unknown): unknown;
  readSync(dataId: unknown): unknown;
}

const CONVERT = 'convertBackendValuesAndArrayBuffer';

/** Whether tfjs-core has what the backend reads with: of all that it uses the last to come, in 4.2. */
export function canRead(core: Bag): boolean {
  const { util } = core;
  return isBag(util) && typeof util[CONVERT] === 'function';
}

/**
 * Gives the backend a `dataSync` that works: its own draws on an `OffscreenCanvas`, which Node does
 * not have. This one copies the tensor into a buffer that the CPU can read, as its `data()` does.
 * @param core exports of tfjs-core
 */
export function giveSyncRead(backend: ReadableBackend, core: Bag, ticks: Ticks): void {
  const util = core['util'] as Bag;
  const convert = util[CONVERT] as Method;
  const original = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    const { dtype, values, resource } = backend.tensorMap.get(dataId);
    // Complex tensors are two others.
    const isElsewhere = values !== null && values !== undefined;
    if (isElsewhere || dtype === 'string' || dtype === 'complex64') return original(dataId);
    if (resource === null || resource === undefined) return original(dataId);
    const bytes = readBufferSync(backend, resource, ticks);
    return backend.convertAndCacheOnCPU(dataId, convert.call(util, bytes, dtype));
  };
}

/**
 * The bytes of a buffer of the GPU, once all is computed that was asked for before.
 * @throws Error when the device is lost or has no memory left
 */
export function readBufferSync(
  backend: ReadableBackend,
  buffer: GpuBuffer,
  ticks: Ticks,
): ArrayBuffer {
  const { size } = buffer;
  const usage = BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ;
  const staging = backend.bufferManager.acquireBuffer(size, usage);
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.commandEncoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  backend.submitQueue();
  ticks.settle(staging.mapAsync(MAP_READ));
  const bytes = staging.getMappedRange().slice(0);
  staging.unmap();
  backend.bufferManager.releaseBuffer(staging);
  return bytes;
}
