import { join } from 'node:path';
import { execute, lastLines } from '../install/execute';
import { nodeProgram } from '../install/machine';
import { EngineError, type InstallRequest } from '../install/report';
import type { GpuAdapterInfo } from './gpuTypes';
import { describeAdapter } from './openDevice';

const MARK = 'permafrost-engine:';

/** Adds two numbers on the GPU and tells the adapter, in a process of its own: drivers may crash. */
const PROGRAM = `
const { create, globals } = require(process.argv[1]);
Object.assign(globalThis, globals);
const say = (value) => console.log('${MARK}' + JSON.stringify(value));
const gpu = create([]);
(async () => {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return say({ info: null });
  const device = await adapter.requestDevice();
  const buffer = device.createBuffer({ size: 8, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  const result = device.createBuffer({ size: 8, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, new Float32Array([2, 3]));
  const code = '@group(0) @binding(0) var<storage, read_write> x: array<f32>;' +
    '@compute @workgroup_size(1) fn main() { x[0] = x[0] + x[1]; }';
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module: device.createShaderModule({ code }), entryPoint: 'main' } });
  const commands = device.createCommandEncoder();
  const pass = commands.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(1);
  pass.end();
  commands.copyBufferToBuffer(buffer, 0, result, 0, 8);
  device.queue.submit([commands.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  const [sum] = new Float32Array(result.getMappedRange());
  const { vendor, architecture, device: name, description, isFallbackAdapter } = adapter.info;
  say({ sum, info: { vendor, architecture, device: name, description, isFallbackAdapter } });
})();
`;

/**
 * Tries an engine of the kind `webgpu`.
 * @param addon absolute path of the addon
 * @returns what computed, and whether that is a program on the CPU
 * @throws EngineError when there is no adapter, or it cannot add
 */
export async function tryDevice(
  addon: string,
  { env, signal }: Pick<InstallRequest, 'env' | 'signal'>,
): Promise<ReturnType<typeof describeAdapter>> {
  const { code, output } = await execute(nodeProgram(env), ['-e', PROGRAM, addon], {
    cwd: join(addon, '..'),
    // Ours may be in NODE_OPTIONS already.
    env: { ...env, NODE_OPTIONS: '' },
    signal,
  });
  const said = output.split('\n').find((line) => line.startsWith(MARK));
  if (code !== 0 || said === undefined) {
    throw new EngineError(
      'corrupt',
      `Dawn does not run here: ${lastLines(output)}`,
      'Update the graphics driver, or use another engine.',
    );
  }
  const { sum, info } = JSON.parse(said.slice(MARK.length)) as {
    readonly sum?: number;
    readonly info: GpuAdapterInfo | null;
  };
  if (info === null) throw new EngineError('no-driver', NO_ADAPTER, howToGetADriver());
  if (sum !== 5) {
    throw new EngineError(
      'corrupt',
      `The GPU says that 2 + 3 is ${String(sum)}.`,
      'Update the graphics driver, or use another engine.',
    );
  }
  return describeAdapter(info);
}

const NO_ADAPTER = 'Dawn finds no GPU that WebGPU can use.';

function howToGetADriver(): string {
  return process.platform === 'linux'
    ? "Install the GPU's Vulkan driver: mesa-vulkan-drivers for AMD and Intel (Debian, Ubuntu, Fedora), NVIDIA's own for NVIDIA."
    : 'Update the graphics driver, or use another engine.';
}
