import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../src/runs/events';
import * as on from './eventFixtures';

type EngineBody = Omit<EventOf<'engine'>, 'v' | 't' | 'proc'>;
type CacheBody = Omit<EventOf<'cache'>, 'v' | 't' | 'proc'>;

const CPU: EngineBody = {
  type: 'engine',
  framework: 'tensorflow.js',
  version: '4.22.0',
  package: '@tensorflow/tfjs',
  backend: 'cpu',
  device: 'CPU (JavaScript)',
};
const GPU: EngineBody = {
  ...CPU,
  package: '@tensorflow/tfjs-node-gpu',
  backend: 'tensorflow',
  device: 'NVIDIA L4',
  library: 'TensorFlow 2.21.0',
  software: false,
  requested: 'gpu',
};
const USED: CacheBody = {
  type: 'cache',
  model: 'net',
  epoch: 2,
  state: 'used',
  layers: 4,
  cut: ['pool2'],
  reason: null,
  samples: 640,
  bytes: 1_474_560,
  where: 'memory',
  gain: 6.2,
};
const ENDED: CacheBody = {
  ...USED,
  epoch: 3,
  state: 'ended',
  reason: 'conv1/kernel moved.',
};

describe('the engine of a run', () => {
  it('is not known before it is told', () => {
    expect(on.stateOf([on.runStarted()]).engine).toBeNull();
  });

  it('names library, device and what was asked for', () => {
    expect(on.stateOf([on.event(GPU)]).engine).toEqual({
      framework: 'tensorflow.js',
      version: '4.22.0',
      package: '@tensorflow/tfjs-node-gpu',
      backend: 'tensorflow',
      device: 'NVIDIA L4',
      library: 'TensorFlow 2.21.0',
      software: false,
      requested: 'gpu',
      fallback: null,
    });
  });

  it('claims nothing that a hook without these fields did not tell', () => {
    expect(on.stateOf([on.event(CPU)]).engine).toMatchObject({
      library: null,
      software: false,
      requested: null,
      fallback: null,
    });
  });

  it('is what was told last: what really ran, not what was hoped for', () => {
    const fallback = 'No adapter was found.';
    const state = on.stateOf([on.event(GPU), on.event({ ...CPU, requested: 'gpu', fallback })]);
    expect(state.engine).toMatchObject({ device: 'CPU (JavaScript)', requested: 'gpu', fallback });
  });

  it('is that of rank 0, whenever it is read', () => {
    const first = on.event(GPU, { proc: 'r0.7' });
    const second = on.event(CPU, { proc: 'r1.8' });
    expect(on.stateOf([second, first]).engine?.device).toBe('NVIDIA L4');
    expect(on.stateOf([first, second]).engine?.device).toBe('NVIDIA L4');
  });
});

describe('the caches of a run', () => {
  it('are none before one is told', () => {
    expect(on.stateOf([on.runStarted(), on.model()]).caches).toEqual([]);
  });

  it('are what became last of each model', () => {
    const other: CacheBody = { ...USED, model: 'other', state: 'refused', reason: 'It has one.' };
    const { caches } = on.stateOf([on.event(USED), on.event(other), on.event(ENDED)]);
    expect(caches.map(({ model, state, epoch }) => [model, state, epoch])).toEqual([
      ['other', 'refused', 2],
      ['net', 'ended', 3],
    ]);
    expect(caches[1]).toMatchObject(ENDED);
  });

  it('tell processes apart that train models of one name', () => {
    const { caches } = on.stateOf([on.event(USED, { proc: '7' }), on.event(ENDED, { proc: '8' })]);
    expect(caches.map(({ proc, state }) => [proc, state])).toEqual([
      ['7', 'used'],
      ['8', 'ended'],
    ]);
  });

  it('do not change the verdict', () => {
    const run = [on.runStarted(), on.processStarted(), on.model(), ...on.epoch(1)];
    const plain = on.stateOf(run).verdict;
    expect(plain.kind).toBe('intact');
    expect(on.stateOf([...run, on.event(USED), on.event(ENDED)]).verdict).toEqual(plain);
  });
});
