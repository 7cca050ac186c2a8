import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { FoundEngine } from '../findEngine';
import type { DawnAddon, Gpu, GpuAdapter, GpuAdapterInfo, GpuDevice } from './gpuTypes';
import { Ticks } from './ticks';

/** A device of the GPU, ready to compute. */
export interface OpenDevice {
  /** Must be kept for as long as the device is used: the addon does not keep it. */
  readonly gpu: Gpu;
  readonly adapter: GpuAdapter;
  readonly device: GpuDevice;
  readonly addon: DawnAddon;
  readonly ticks: Ticks;
  readonly name: string;
  /** Whether the device is a program on the CPU, and no GPU at all. */
  readonly isSoftware: boolean;
}

/** The limits that tfjs-backend-webgpu asks for (dist/base.js of 4.22). */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];
/** And the features: to time kernels (`tf.time`), and to read textures. */
const FEATURES = ['timestamp-query', 'bgra8unorm-storage'];

/** Below WebGPU lies, on each platform. */
const DRIVERS: Partial<Record<NodeJS.Platform, string>> = { win32: 'Direct3D 12', darwin: 'Metal' };

/**
 * Loads Dawn and opens the device that it thinks the fastest, all without waiting for promises.
 * @param engine of the kind `webgpu`
 * @throws Error that says, as the rest of a sentence, why there is no device
 */
export function openDevice({ folder, manifest }: FoundEngine): OpenDevice {
  const file = join(folder, manifest.addon ?? '');
  const addon = createRequire(join(folder, 'permafrost.js'))(file) as DawnAddon;
  const ticks = new Ticks();
  ticks.attach(addon);
  const gpu = addon.create([]);
  const adapter = ticks.settle(gpu.requestAdapter({ powerPreference: 'high-performance' }));
  if (adapter === null) {
    const driver = DRIVERS[process.platform] ?? 'Vulkan';
    throw new Error(`${driver} has no GPU that WebGPU can use`);
  }
  const limits = LIMITS.map((name) => [name, adapter.limits[name] ?? 0] as const);
  const device = ticks.settle(
    adapter.requestDevice({
      requiredLimits: Object.fromEntries(limits),
      requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
    }),
  );
  return { gpu, adapter, device, addon, ticks, ...describeAdapter(adapter.info) };
}

/** Adapters that compute on the CPU, by what they call themselves. */
const SOFTWARE: readonly (readonly [RegExp, string])[] = [
  [/swiftshader/i, 'SwiftShader'],
  [/llvmpipe|lavapipe/i, 'llvmpipe'],
  [/warp|basic render/i, 'Microsoft Basic Render Driver'],
];

/** What an adapter is, as text for people. */
export function describeAdapter(info: GpuAdapterInfo): Pick<OpenDevice, 'name' | 'isSoftware'> {
  const { vendor, architecture, device, description } = info;
  const words = [vendor, architecture, device, description].join(' ');
  const program = SOFTWARE.find(([pattern]) => pattern.test(words))?.[1];
  if (program !== undefined) return { name: `${program} (software, WebGPU)`, isSoftware: true };
  // A number in place of the name, or none: what the driver says of itself.
  const named = /^(0x[\da-f]*)?$/i.test(device) ? description : device.replaceAll('-', ' ').trim();
  const name = named || [vendor, architecture].filter((word) => word !== '').join(' ') || 'GPU';
  return info.isFallbackAdapter === true
    ? { name: `${name} (software, WebGPU)`, isSoftware: true }
    : { name: `${name} (WebGPU)`, isSoftware: false };
}
