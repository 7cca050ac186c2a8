/**
 * What is used of WebGPU (https://www.w3.org/TR/webgpu/), as narrow structural types: its classes
 * come with the addon of the npm package `webgpu`, at run time.
 */

/** `GPUBufferUsage` and `GPUMapMode`: constants of the specification. */
export const BUFFER_USAGE = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, STORAGE: 128 } as const;
export const MAP_READ = 1;

export interface GpuBuffer {
  /** Bytes. */
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuAdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

export type GpuLimits = Readonly<Record<string, number>>;

export interface GpuAdapter {
  readonly info: GpuAdapterInfo;
  readonly limits: GpuLimits;
  readonly features: { has(name: string): boolean };
  requestDevice(descriptor: {
    readonly requiredLimits: GpuLimits;
    readonly requiredFeatures: readonly string[];
  }): Promise<GpuDevice>;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): unknown;
}

export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: unknown): void;
  dispatchWorkgroups(x: number): void;
  end(): void;
}

export interface GpuCommandEncoder {
  beginComputePass(): GpuPass;
  copyBufferToBuffer(
    from: GpuBuffer,
    fromOffset: number,
    to: GpuBuffer,
    toOffset: number,
    size: number,
  ): void;
  finish(): unknown;
}

export interface GpuDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    submit(commands: readonly unknown[]): void;
    writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBufferView): void;
  };
  createBuffer(descriptor: { readonly size: number; readonly usage: number }): GpuBuffer;
  createShaderModule(descriptor: { readonly code: string }): unknown;
  createComputePipeline(descriptor: {
    readonly layout: 'auto';
    readonly compute: { readonly module: unknown; readonly entryPoint: string };
  }): GpuPipeline;
  createBindGroup(descriptor: {
    readonly layout: unknown;
    readonly entries: readonly {
      readonly binding: number;
      readonly resource: { readonly buffer: GpuBuffer };
    }[];
  }): unknown;
  createCommandEncoder(): GpuCommandEncoder;
  addEventListener(
    type: 'uncapturederror',
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  destroy(): void;
}

export interface Gpu {
  requestAdapter(options: {
    readonly powerPreference: 'high-performance';
  }): Promise<GpuAdapter | null>;
}

/** What the addon `dawn.node` exports. */
export interface DawnAddon {
  create(options: readonly string[]): Gpu;
  /** The classes of WebGPU, and objects with its constants. */
  readonly globals: Readonly<Record<string, unknown>>;
}
