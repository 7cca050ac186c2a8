import { describe, expect, it } from 'vitest';
import type { InstallPlan, KindStatus } from '../../../src/editor/engine/engineLines';
import {
  doneText,
  engineRows,
  planQuestion,
  progressText,
  shareOf,
} from '../../../src/editor/engine/engineTexts';

const kinds: readonly KindStatus[] = [
  { kind: 'gpu', installed: null, obstacle: 'No NVIDIA driver was found.' },
  { kind: 'webgpu', installed: null, obstacle: null },
  { kind: 'cpu', installed: { folder: '/e/cpu', library: 'TensorFlow 2.21.0' }, obstacle: null },
];
const plan: InstallPlan = {
  ...{ type: 'plan', kind: 'cpu', folder: '/e/cpu', source: 'pypi' },
  ...{ steps: ['packages', 'download', 'compile', 'verify'] },
  ...{ downloadBytes: 274e6, diskBytes: 1.4e9 },
};

describe('the pick of an engine', () => {
  it('shows what can be had first, recommends the best, and says what stands against the others', () => {
    expect(
      engineRows(kinds).map(({ engine, description, detail }) => [engine, description, detail]),
    ).toEqual([
      ['webgpu', 'recommended for this machine', expect.stringContaining('"engine": "webgpu"')],
      ['cpu', 'installed: TensorFlow 2.21.0', expect.stringContaining('"engine": "node"')],
      ['gpu', '', 'No NVIDIA driver was found.'],
    ]);
  });

  it('marks what is installed and what cannot be had', () => {
    expect(engineRows(kinds).map(({ label }) => /^\$\((.+?)\)/.exec(label)?.[1])).toEqual([
      ...['chip', 'pass', 'circle-slash'],
    ]);
  });
});

describe('an installation', () => {
  it('asks with what it loads and needs, and where it will be', () => {
    const { text, detail } = planQuestion(plan);
    expect(text).toBe('Set up the engine "Fast CPU"?');
    expect(detail).toContain('274 MB will be downloaded from PyPI and npm');
    expect(detail).toContain('1.4 GB of disk space must be free');
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
