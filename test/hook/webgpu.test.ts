import { cpSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../src/engines/manifest';
import { eventsOf, otherNodes, ownLines, runHooked, verdicts, type Result } from './runScript';
import { hasSwiftShader, NO_DRIVER, scratch, SWIFTSHADER, webgpuHome } from './swiftShader';

const freeze = ['conv1/**', 'bn1/**'];
const DAMAGED = scratch('damaged');
const INTACT = [1, 2, 3].map((epoch) => `net ${epoch}: 6 intact`);

async function onGpu(kind: string, env = SWIFTSHADER, node?: string): Promise<Result> {
  return runHooked('webgpu.cjs', {
    args: [kind],
    config: { engine: 'webgpu', freeze },
    env: { ...env, PERMAFROST_ENGINE_HOMES: await webgpuHome() },
    ...(node !== undefined && { node }),
  });
}

interface Printed {
  readonly backend: string;
  readonly weights: readonly number[];
}

/** What the script printed of itself, the worker thread first. */
function printed({ stdout }: Result): readonly Printed[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Printed);
}

/** The engine again, its addon overwritten. */
function damagedCopy(home: string, target: string): void {
  cpSync(home, target, { recursive: true });
  const reading = readManifest(join(target, 'webgpu'));
  if ('reason' in reading) throw new Error(reading.reason);
  const addon = join(target, 'webgpu', reading.manifest.addon ?? '');
  const { size } = statSync(addon);
  writeFileSync(addon, '');
  truncateSync(addon, size);
}

describe.skipIf(!hasSwiftShader)('"engine": "webgpu"', () => {
  it('trains on the device that it names, and gets what pure JavaScript gets', async () => {
    const [gpu, cpu] = await Promise.all([
      onGpu('nothing'),
      runHooked('webgpu.cjs', { config: { freeze } }),
    ]);
    expect(ownLines(gpu)).toEqual([]);
    expect(gpu.code).toBe(0);
    expect(eventsOf(gpu, 'engine')).toMatchObject([
      {
        backend: 'webgpu',
        library: 'Dawn (webgpu 0.6.2)',
        device: 'SwiftShader (software, WebGPU)',
        software: true,
        requested: 'webgpu',
      },
    ]);
    expect(verdicts(gpu)).toEqual(INTACT);
    const [here, there] = [printed(gpu)[0], printed(cpu)[0]];
    expect(here?.backend).toBe('webgpu');
    expect(there?.backend).toBe('cpu');
    expect(here?.weights).toHaveLength(there?.weights.length ?? 0);
    here?.weights.forEach((weight, at) => {
      expect(Math.abs(weight - (there?.weights[at] ?? Infinity))).toBeLessThan(1e-4);
    });
  });

  it('gives the script a dataSync for every type, and leaves no navigator.gpu behind', async () => {
    const result = await onGpu('exit');
    expect(printed(result)).toMatchObject([
      {
        sum: [1, 1, 1],
        again: [1, 1, 1],
        bool: [0, 1],
        int32: [2, 3],
        complex: [1, 3, 2, 4],
        text: ['a'],
        empty: [],
        navigator: 'undefined',
      },
    ]);
    expect(result.code).toBe(3);
  });

  it.each(otherNodes().map((node) => ({ node })))('does so with $node', async ({ node }) => {
    const result = await onGpu('nothing', SWIFTSHADER, node);
    expect(printed(result)).toMatchObject([{ backend: 'webgpu', sum: [1, 1, 1] }]);
    expect(verdicts(result)).toEqual(INTACT);
    expect(result.code).toBe(0);
  });

  it('serves worker threads', async () => {
    const result = await onGpu('worker');
    expect(printed(result).map(({ backend }) => backend)).toEqual(['webgpu', 'webgpu']);
    expect(verdicts(result)).toHaveLength(6);
    expect(result.code).toBe(0);
  });

  it('catches what moves a frozen tensor', async () => {
    const result = await runHooked('sabotage.cjs', {
      args: ['assign', 'one-bit', 'zero-sign'],
      config: { engine: 'webgpu', freeze },
      env: { ...SWIFTSHADER, PERMAFROST_ENGINE_HOMES: await webgpuHome() },
    });
    const moved = { assign: 'conv1/kernel', 'one-bit': 'conv1/kernel', 'zero-sign': 'conv1/bias' };
    const expected = Object.entries(moved).flatMap(([model, name]) => [
      `${model} 1: 6 intact`,
      `${model} 2: 5 intact, ${name} moved`,
      `${model} 3: 5 intact, ${name} moved`,
    ]);
    expect(verdicts(result)).toEqual(expected);
  });

  it('tells that the device was lost, and calls nothing intact after that', async () => {
    const result = await onGpu('lose');
    expect(verdicts(result)[0]).toBe(INTACT[0]);
    expect(verdicts(result).slice(1).join()).not.toMatch(/[1-9]\d* intact/);
    const messages = eventsOf(result, 'message').filter(({ code }) => code === 'engine-lost');
    expect(messages).toMatchObject([{ level: 'error' }]);
    expect(messages[0]?.text).toContain('The GPU device was lost (destroyed');
    expect(result.code).not.toBe(0);
  });

  it('does not call an epoch intact in which the device refused a command', async () => {
    const result = await onGpu('refuse');
    const messages = eventsOf(result, 'message').filter(({ code }) => code === 'engine-error');
    expect(messages).toHaveLength(1);
    expect(messages[0]?.text).toMatch(/^The GPU refused a command, .* WGPUBufferUsage/);
    expect(messages[0]?.text).not.toContain('\n');
    const [first, second, third] = verdicts(result);
    expect([first, third]).toEqual([INTACT[0], INTACT[2]]);
    expect(second).toMatch(/^net 2: 0 intact, .*not verified/);
    expect(result.code).toBe(0);
  });

  it.each([
    {
      what: 'no driver',
      env: NO_DRIVER,
      reason: /^Vulkan has no GPU that WebGPU can use, so the backend cpu runs$/,
    },
    {
      what: 'no engine',
      env: { ...SWIFTSHADER, PERMAFROST_ENGINE_HOMES: scratch('empty') },
      reason: /^The engine webgpu is not installed, so the backend cpu runs$/,
    },
    {
      what: 'an addon of the right size that is none',
      env: { ...SWIFTSHADER, PERMAFROST_ENGINE_HOMES: DAMAGED },
      damage: true,
      reason: /^.*dawn\.node.*, so the backend cpu runs$/,
    },
  ])('with $what the run goes on and says so', async ({ env, reason, damage = false }) => {
    if (damage) damagedCopy(await webgpuHome(), DAMAGED);
    const result = await runHooked('webgpu.cjs', {
      config: { engine: 'webgpu', freeze },
      env: { PERMAFROST_ENGINE_HOMES: await webgpuHome(), ...env },
    });
    expect(eventsOf(result, 'engine')[0]?.fallback).toMatch(reason);
    expect(eventsOf(result, 'message')).toMatchObject([
      { level: 'warning', code: 'engine-fallback' },
    ]);
    expect(printed(result)[0]?.backend).toBe('cpu');
    expect(verdicts(result)).toEqual(INTACT);
    expect(result.code).toBe(0);
  });
});
