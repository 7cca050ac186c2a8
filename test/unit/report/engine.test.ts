import { describe, expect, it } from 'vitest';
import { reportText } from '../../../src/cli/reportText';
import { statusView } from '../../../src/editor/runs/statusText';
import { renderHtml } from '../../../src/runs/report/html';
import { renderMarkdown } from '../../../src/runs/report/markdown';
import { buildReport } from '../../../src/runs/report/reportModel';
import type { CacheState, RunState } from '../../../src/runs/state';
import {
  asksForEngine,
  cacheWords,
  engineProblem,
  engineWords,
  missingEngine,
} from '../../../src/runs/words/engineWords';
import { engineRun, FALLBACK, intactRun } from './runFixture';

const CACHE: CacheState = {
  ...{ v: 1, t: 1, proc: '7', type: 'cache', model: 'digits', epoch: 2, state: 'used' },
  ...{ layers: 6, cut: ['flatten'], reason: null, samples: 1640, bytes: 1_474_560 },
  ...{ where: 'memory', gain: 6.24 },
};

function factOf(state: RunState, label: string): string | undefined {
  return buildReport(state).head.facts.find((fact) => fact.label === label)?.text;
}

describe('the engine in words', () => {
  const gpu: NonNullable<RunState['engine']> = {
    ...{ framework: 'tensorflow.js', version: '4.22.0', package: '@tensorflow/tfjs-node-gpu' },
    ...{ backend: 'tensorflow', device: 'NVIDIA L4 (CUDA)', library: 'TensorFlow 2.21.0' },
    ...{ software: false, requested: 'gpu', fallback: null },
  };

  it('names library and wish', () => {
    expect(engineWords(gpu)).toBe(
      'TensorFlow.js 4.22.0 with TensorFlow 2.21.0, backend tensorflow (asked for: gpu)',
    );
  });

  it('is in the facts of the report, with the device that really ran', () => {
    const state: RunState = { ...intactRun(2).state(), engine: gpu };
    expect(factOf(state, 'Engine')).toContain('TensorFlow 2.21.0');
    expect(factOf(state, 'Device')).toBe('NVIDIA L4 (CUDA)');
    expect(statusView(state, false, 0).text).toMatch(/ · NVIDIA L4$/);
    expect(statusView(state, false, 0).tooltip).toContain('on NVIDIA L4 (CUDA)');
  });

  it('says of a device in software that it is none', () => {
    const state: RunState = {
      ...intactRun(2).state(),
      engine: { ...gpu, device: 'SwiftShader Device (Subzero)', software: true },
    };
    expect(factOf(state, 'Device')).toBe('SwiftShader Device (Subzero), in software');
    expect(statusView(state, false, 0).text).toMatch(/ · SwiftShader Device \(software\)$/);
  });
});

describe('a comparison on the device', () => {
  const compared = (method: 'fingerprint' | 'mixed' | 'bytes', onDevice: number): string => {
    const run = intactRun(2);
    for (const event of run.events) {
      if (event.type === 'verified') Object.assign(event, { method, onDevice });
    }
    return factOf(run.state(), 'Compared') ?? '';
  };

  it('is told from fingerprints that memory forced', () => {
    expect(compared('fingerprint', 12)).toMatch(/^by fingerprint, computed on the device/);
    expect(compared('mixed', 3)).toMatch(/^partly by fingerprint, computed on the device/);
    expect(compared('fingerprint', 0)).toMatch(/^by fingerprint, for want of memory/);
    expect(compared('bytes', 0)).toMatch(/^every byte/);
  });
});

describe('a fall-back', () => {
  const state = engineRun().state();

  it('is in the status bar, in the facts and a warning', () => {
    expect(statusView(state, false, 0).text).toMatch(/ · CPU instead of gpu$/);
    expect(statusView(state, false, 0).tooltip).toContain(FALLBACK);
    expect(factOf(state, 'Device')).toBe('CPU (JavaScript), not the gpu that was asked for');
    expect(factOf(state, 'Engine')).not.toContain('asked for');
    expect(buildReport(state).notes[0]).toEqual({
      ...{ level: 'warning', text: `${FALLBACK}.`, advice: '', offer: { kind: 'engine' } },
    });
  });

  it('is told once where a message tells it too', () => {
    const told = engineRun()
      .add({ type: 'message', level: 'warning', code: 'engine-fallback', text: FALLBACK })
      .state();
    const warnings = buildReport(told).notes.filter(({ level }) => level === 'warning');
    expect(warnings).toEqual([
      { level: 'warning', text: FALLBACK, advice: '', offer: { kind: 'engine' } },
    ]);
    expect(missingEngine(told)?.text).toBe(FALLBACK);
    expect(reportText(told, 'runs/x').split(FALLBACK)).toHaveLength(2);
  });

  it('is what is wrong with the engine, as is an addon that the script ends without', () => {
    expect(engineProblem(state)).toBe(`${FALLBACK}.`);
    expect(engineProblem(intactRun(1).state())).toBeNull();
    const ended = intactRun(1).add({
      ...{ type: 'message', level: 'error', code: 'engine-missing', text: 'It has no addon' },
      advice: 'permafrost engine install gpu brings one.',
    });
    expect(engineProblem(ended.state())).toBe(
      'It has no addon. permafrost engine install gpu brings one.',
    );
    expect(buildReport(ended.state()).notes[0]?.offer).toEqual({ kind: 'engine' });
  });

  it('offers no engine where one is there', () => {
    expect(asksForEngine('No NVIDIA driver is loaded, so TensorFlow runs on the CPU')).toBe(false);
    expect(asksForEngine('/e/cpu/a.node has 3 bytes, 5 were installed, so x')).toBe(true);
  });

  it('is in the exports and on the command line', () => {
    expect(renderMarkdown(state)).toContain('- warning: The engine gpu is not installed');
    expect(renderHtml(state)).toContain(FALLBACK);
    expect(reportText(state, 'runs/x')).toContain(`warning: ${FALLBACK}`);
  });
});

describe('the frozen prefix in words', () => {
  it.each<[string, Partial<CacheState>]>([
    [
      'used from epoch 2: 6 layers up to flatten, 1,640 samples, 1.5 MB in memory; an epoch is 6.2 times faster',
      {},
    ],
    [
      'used from epoch 2: 1 layer up to a, 98 MB on disk',
      { layers: 1, cut: ['a'], where: 'disk', bytes: 98e6, samples: undefined, gain: undefined },
    ],
    [
      'used from epoch 2: 6 layers up to a, b, c and 1 more, 1,640 samples, 1.5 MB in memory; an epoch is 41 times faster',
      { cut: ['a', 'b', 'c', 'd'], gain: 41.3 },
    ],
    ['not used: conv1 thaws in epoch 3.', { state: 'refused', reason: 'conv1 thaws in epoch 3.' }],
    [
      'given up in epoch 4: conv1/kernel moved.',
      { state: 'ended', epoch: 4, reason: 'conv1/kernel moved.' },
    ],
    ['not asked for; with it an epoch would be about 6.2 times faster', { state: 'offered' }],
  ])('%s', (words, change) => {
    expect(cacheWords({ ...CACHE, ...change })).toBe(words);
  });

  it('is a fact of the report, of each model by its name', () => {
    const run: RunState = { ...intactRun(2).state(), caches: [CACHE] };
    expect(factOf(run, 'Cache')).toBe(cacheWords(CACHE));
    const other: CacheState = { ...CACHE, model: 'other', state: 'refused', reason: 'No.' };
    const two: RunState = { ...run, caches: [CACHE, other] };
    expect(factOf(two, 'Cache of other')).toBe('not used: No.');
    expect(reportText(two, 'runs/x')).toContain('cache of other: not used: No.');
  });

  it('is suggested with its gain where it would pay, by a button', () => {
    const state = engineRun().state();
    const note = buildReport(state).notes.at(-1);
    expect(note).toEqual({
      level: 'info',
      text: '6 layers up to flatten stay frozen for the whole run, so their outputs are the same in every epoch. Computed once for each sample, they would save time: an epoch would be about 6.2 times faster.',
      advice: 'Set "cache": "auto" for the next run.',
      offer: { kind: 'cache', setting: '"cache": "auto"' },
    });
    expect(renderMarkdown(state)).toContain('about 6.2 times faster');
    expect(renderHtml(state)).toContain('about 6.2 times faster');
    expect(reportText(state, 'runs/x')).toContain('Set "cache": "auto" for the next run.');
  });

  it('is not suggested where it is used', () => {
    const state: RunState = { ...intactRun(2).state(), caches: [CACHE] };
    expect(buildReport(state).notes).toEqual([]);
  });

  it('shows hidden characters of a layer name', () => {
    const state: RunState = {
      ...intactRun(2).state(),
      caches: [{ ...CACHE, cut: ['a\u202eb'] }],
    };
    expect(factOf(state, 'Cache')).toContain('a\\u202eb');
  });
});
