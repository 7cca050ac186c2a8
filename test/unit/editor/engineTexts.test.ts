import { describe, expect, it } from 'vitest';
import {
  doneText,
  engineRows,
  planQuestion,
  progressText,
  shareOf,
  type InstallPlan,
} from '../../../src/editor/engine/engineTexts';
import type { MachineStatus } from '../../../src/engines/status';

const status: MachineStatus = {
  suggested: 'cpu',
  engines: [
    { kind: 'cpu', state: 'missing', reason: 'the engine cpu is not installed', advice: 'x' },
    {
      kind: 'gpu',
      state: 'unavailable',
      reason: 'No driver of NVIDIA was found.',
      advice: 'Choose cpu.',
    },
    { kind: 'webgpu', state: 'installed', folder: '/e', library: 'Dawn', source: 'npm' },
  ],
  ...{ homes: [], python: null, uv: null, npm: null, compiler: null, driver: null },
};
const plan: InstallPlan = {
  ...{ type: 'plan', kind: 'cpu', folder: '/e/cpu', source: 'pypi' },
  ...{ steps: ['packages', 'download', 'compile', 'verify'] },
  ...{ downloadBytes: 274e6, diskBytes: 1.4e9 },
};

describe('the pick of an engine', () => {
  it('shows what is recommended first, and last what cannot be had, with the reason', () => {
    const rows = engineRows(status);
    expect(rows.map(({ engine, description, detail }) => [engine, description, detail])).toEqual([
      ['cpu', 'recommended for this machine', expect.stringContaining('"engine": "node"')],
      ['webgpu', 'installed: Dawn', expect.stringContaining('"engine": "webgpu"')],
      ['gpu', '', 'No driver of NVIDIA was found. Choose cpu.'],
    ]);
    expect(rows.map(({ label }) => /^\$\((.+?)\)/.exec(label)?.[1])).toEqual([
      ...['chip', 'pass', 'circle-slash'],
    ]);
  });

  it('tells of an engine that is damaged', () => {
    const reason = '/e/cpu/addon.node is gone';
    const engines = [{ kind: 'cpu', state: 'missing', reason, advice: 'x' }] as const;
    expect(engineRows({ ...status, engines })[0]?.detail).toBe(`${reason}.`);
  });
});

describe('an installation', () => {
  it('asks with what it loads and needs, and where it will be', () => {
    const { text, detail } = planQuestion(plan);
    expect(text).toBe('Set up the engine "Fast CPU"?');
    expect(detail).toContain('Up to 274 MB will be downloaded from PyPI and npm');
    expect(detail).toContain('up to 1.4 GB of disk space must be free');
    expect(detail).toContain('/e/cpu');
    expect(planQuestion({ ...plan, downloadBytes: 0 }).detail).toMatch(/^Nothing has to be down/);
  });

  it('tells its progress in words and as a share of all steps', () => {
    const half = { type: 'progress', step: 'download', text: 'Downloading TensorFlow' } as const;
    const at = { ...half, done: 137e6, total: 274e6 };
    expect(progressText(at)).toBe('Downloading TensorFlow (50% of 274 MB)');
    expect(shareOf(plan, at)).toBeCloseTo(1.5 / 4);
    expect(progressText({ ...half, done: 0, total: 0 })).toBe('Downloading TensorFlow');
    expect(shareOf(plan, { ...half, step: 'verify', done: 0, total: 0 })).toBe(3 / 4);
    expect(shareOf(plan, { ...at, done: 9e9 })).toBe(2 / 4);
  });

  it('ends with what computed', () => {
    expect(doneText({ library: 'TensorFlow 2.21.0', device: 'CPU' })).toBe(
      'TensorFlow 2.21.0 is ready (CPU).',
    );
  });
});
