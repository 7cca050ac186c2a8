import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/runs/events';
import { reduce, withLiveness } from '../../../src/runs/reduce/reduce';
import type { RunStatus } from '../../../src/runs/state';
import * as on from './eventFixtures';

const begun = [on.runStarted(), on.processStarted(), on.model(), ...on.epoch(1)];
const dead = (): boolean => false;
const alive = (): boolean => true;

describe('the status of a run', () => {
  it.each<[RunStatus, string, readonly RunEvent[]]>([
    ['starting', 'before anything', []],
    ['starting', 'once launched', [on.runStarted()]],
    ['starting', 'while no model is seen', [on.runStarted(), on.processStarted()]],
    ['training', 'once a model is seen', [on.runStarted(), on.model()]],
    ['training', 'between epochs', begun],
    ['finished', 'after exit code 0', [...begun, on.runEnded(0)]],
    ['failed', 'after another exit code', [...begun, on.runEnded(1)]],
    ['failed', 'after a signal', [...begun, on.runEnded(null, { signal: 'SIGSEGV' })]],
    ['cancelled', 'when the user ended it', [...begun, on.runEnded(130, { cancelled: true })]],
    [
      'cancelled',
      'when the user ended it by a signal',
      [...begun, on.runEnded(null, { signal: 'SIGINT', cancelled: true })],
    ],
    ['stopped', 'when a tensor moved', [...begun, on.stopped('moved'), on.runEnded(3)]],
    ['stopped', 'before the launcher tells the end', [...begun, on.stopped('moved')]],
    ['stopped', 'when the config is bad', [on.runStarted(), on.stopped('config'), on.runEnded(2)]],
    ['finished', 'when only inspected', [on.runStarted(), on.stopped('inspected'), on.runEnded(0)]],
    [
      'finished',
      'when only the process told a code',
      [...begun, on.processEnded(0), on.runEnded(null)],
    ],
    [
      'failed',
      'when the process told a bad code',
      [...begun, on.processEnded(1), on.runEnded(null)],
    ],
    ['lost', 'when nobody could tell', [...begun, on.runEnded(null)]],
    [
      'finished',
      'for ever: a second end changes nothing',
      [...begun, on.runEnded(0), on.runEnded(1)],
    ],
    [
      'finished',
      'for ever: late events change nothing',
      [...begun, on.runEnded(0), on.progress(2, 1)],
    ],
    [
      'finished',
      'for ever: a late stop changes nothing',
      [...begun, on.runEnded(0), on.stopped('moved')],
    ],
  ])('is %s %s', (status, _, events) => {
    expect(on.stateOf(events).status).toBe(status);
  });

  it('keeps exit code, signal and times', () => {
    expect(on.stateOf(begun, on.runEnded(5))).toMatchObject({
      startedAt: 1000,
      endedAt: 9000,
      exitCode: 5,
      signal: null,
    });
  });
});

describe('a run whose launcher said nothing of its end', () => {
  it('is lost when its processes are gone, and keeps its verdict', () => {
    const state = withLiveness(on.stateOf(begun), dead);
    expect(state).toMatchObject({ status: 'lost', verdict: { kind: 'intact', epochs: 1 } });
  });

  it('goes on when one of its processes lives', () => {
    const state = on.stateOf(begun);
    expect(withLiveness(state, (pid) => pid === 6)).toBe(state);
  });

  it('takes its end from its processes when all told it', () => {
    const state = withLiveness(on.stateOf(begun, on.processEnded(1)), dead);
    expect(state).toMatchObject({ status: 'failed', exitCode: 1, endedAt: 8000 });
  });

  it('is lost when its launcher is gone before a process began', () => {
    const state = withLiveness(on.stateOf(on.runStarted()), dead);
    expect(state).toMatchObject({ status: 'lost', verdict: { kind: 'no model' } });
  });

  it('is not judged while no process id is known', () => {
    const state = on.stateOf(on.runStarted({ pid: null }));
    expect(withLiveness(state, dead)).toBe(state);
  });

  it('stays stopped when Permafrost stopped it', () => {
    expect(withLiveness(on.stateOf(begun, on.stopped('moved')), dead).status).toBe('stopped');
  });

  it('is left alone once ended', () => {
    const state = on.stateOf(begun, on.runEnded(0));
    expect(withLiveness(state, dead)).toBe(state);
    expect(withLiveness(state, alive)).toBe(state);
  });

  it('trains again when events come after all', () => {
    const lost = withLiveness(on.stateOf(begun), dead);
    expect(reduce(lost, on.epochStarted(2)).status).toBe('training');
  });
});

describe('the processes of a run', () => {
  const thread = on.processStarted({ proc: '7.1' });

  it('are alive from their first event to their last', () => {
    expect(on.stateOf(begun).livePids).toEqual([6, 7]);
    expect(on.stateOf(begun, on.processEnded(0)).livePids).toEqual([6]);
    expect(on.stateOf(begun, on.runEnded(0)).livePids).toEqual([]);
  });

  it('outlive their worker threads', () => {
    expect(on.stateOf(begun, thread, on.processEnded(0, '7.1')).livePids).toEqual([6, 7]);
  });

  it('are listed once each, with how they ended', () => {
    const { processes } = on.stateOf(begun, on.processStarted(), on.processEnded(4));
    expect(processes).toEqual([
      {
        proc: '7',
        pid: 7,
        runtime: 'node v20',
        argv: ['node'],
        startedAt: 1000,
        endedAt: 8000,
        exitCode: 4,
        rank: null,
        worldSize: null,
        attempt: 1,
        host: null,
      },
    ]);
  });

  it('that never said that they began do no harm when they end', () => {
    expect(on.stateOf(begun, on.processEnded(0, '99')).livePids).toEqual([6, 7]);
  });
});
