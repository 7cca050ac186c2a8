import { describe, expect, it } from 'vitest';
import type { Finding, RunEvent } from '../../../src/runs/events';
import type { RunVerdict } from '../../../src/runs/state';
import * as on from './eventFixtures';

/** Epoch 5, begun by a process that had done epoch `previous` before. */
const jumped = (previous: number) => [
  on.epochStarted(5, { previous }),
  on.epochEnded(5),
  on.verified(5),
];
const begun = [on.runStarted(), on.model()];
const missing: Finding = { name: 'a', verdict: 'missing' };
const replaced: Finding = { name: 'a', verdict: 'replaced' };
const unverified: Finding = { name: 'b', verdict: 'not verified', reason: 'no memory' };
const rebased: Finding = {
  name: 'a',
  verdict: 'rebased',
  cause: { kind: 'load', text: 'model.loadWeights() was called' },
};
/** An epoch before the one from which on a rule freezes. */
const waiting = [
  on.runStarted(),
  on.model({ frozen: { a: [{ from: 5, until: null, rule: 0 }] } }),
  ...on.epoch(1).slice(0, 3),
  on.verified(1, [], { intact: 0 }),
];

describe('the verdict over a run', () => {
  it.each<[RunVerdict['kind'], string, readonly RunEvent[]]>([
    ['pending', 'before a model is seen', [on.runStarted()]],
    ['pending', 'before an epoch is verified', [...begun, on.epochStarted(1)]],
    [
      'pending',
      'between the end of an epoch and its verification',
      [...begun, on.epochStarted(1), on.epochEnded(1)],
    ],
    ['pending', 'while a rule waits for a later epoch', waiting],
    ['intact', 'when all frozen tensors are', [...begun, ...on.epoch(1)]],
    ['intact', 'when the script itself loaded a tensor', [...begun, ...on.epoch(1, [rebased])]],
    [
      'intact',
      'when the command crashed in the epoch after',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(1)],
    ],
    [
      'intact',
      'when the user ended the epoch after',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(130, { cancelled: true })],
    ],
    [
      'intact',
      'when the script itself went on at a later epoch',
      [...begun, ...on.epoch(1), ...jumped(1)],
    ],
    [
      'nothing frozen',
      'when no rule froze anything',
      [on.model({ frozen: {} }), on.epochStarted(1), on.epochEnded(1)],
    ],
    ['nothing frozen', 'when the frozen epochs never came', [...waiting, on.runEnded(0)]],
    ['no model', 'when the command trained none', [on.runStarted(), on.runEnded(0)]],
    ['moved', 'when a frozen tensor moved', [...begun, ...on.epoch(1, [on.moved('a')])]],
    [
      'moved',
      'also when another could not be verified',
      [...begun, ...on.epoch(1, [unverified, on.moved('a')])],
    ],
    [
      'moved',
      'also when it moved back',
      [...begun, ...on.epoch(1, [on.moved('a')]), ...on.epoch(2)],
    ],
    [
      'moved',
      'also when the config is refused elsewhere',
      [...begun, ...on.epoch(1, [on.moved('a')]), on.message('hook-fault', 'x')],
    ],
  ])('is "%s" %s', (kind, _, events) => {
    expect(on.stateOf(events).verdict.kind).toBe(kind);
  });

  it.each<[string, string, readonly RunEvent[]]>([
    [
      'an epoch ended unverified',
      'epoch 1 ended without a verification',
      [...begun, on.epochStarted(1), on.epochEnded(1), ...on.epoch(2)],
    ],
    [
      'the last epoch ended unverified',
      'epoch 2 ended without a verification',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.epochEnded(2), on.runEnded(1)],
    ],
    [
      'the command finished in an epoch',
      'epoch 2 ended without a verification',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(0)],
    ],
    ['a tensor is missing', 'a was missing in epoch 1', [...begun, ...on.epoch(1, [missing])]],
    [
      'a tensor was replaced',
      'another tensor bore the name a in epoch 1',
      [...begun, ...on.epoch(1, [replaced])],
    ],
    [
      'a tensor was not compared',
      'b was not compared in epoch 1: no memory',
      [...begun, ...on.epoch(1, [unverified])],
    ],
    [
      'fewer tensors were compared than frozen',
      'in epoch 1, 1 tensors were compared, but 2 were frozen',
      [...begun, on.epochStarted(1), on.verified(1, [], { intact: 1 })],
    ],
    [
      'the hook failed',
      'Permafrost failed in fit: x',
      [...begun, ...on.epoch(1), on.message('hook-fault', 'Permafrost failed in fit: x.')],
    ],
    [
      'the hook failed before a model was seen',
      'x',
      [on.runStarted(), on.message('hook-fault', 'x'), on.runEnded(0)],
    ],
    [
      'no epoch was completed',
      'the command ended before an epoch was completed',
      [...begun, on.epochStarted(1), on.runEnded(1)],
    ],
    [
      'training never began',
      'the command ended before an epoch was completed',
      [...begun, on.runEnded(1)],
    ],
    [
      'one of several models never trained',
      'no epoch of other was completed',
      [...begun, on.model({ model: 'other' }), ...on.epoch(1), on.runEnded(0)],
    ],
    [
      'an epoch is missing from the file',
      'epoch 2 is missing from the events',
      [...begun, ...on.epoch(1), ...on.epoch(3)],
    ],
    [
      'several epochs are missing from the file',
      'epochs 2 to 4 are missing from the events',
      [...begun, ...on.epoch(1), ...on.epoch(5)],
    ],
    [
      'an epoch that the process had done is missing from the file',
      'epochs 2 to 4 are missing from the events',
      [...begun, ...on.epoch(1), ...jumped(4)],
    ],
    [
      'the beginning of the file is missing',
      'the beginning of the events file is missing',
      [on.model(), ...on.epoch(1), on.runEnded(0)],
    ],
    [
      'only the end of the file is left',
      'the beginning of the events file is missing',
      [on.runEnded(0)],
    ],
    [
      'several things went wrong',
      'epoch 1 ended without a verification, and 2 more',
      [...begun, on.epochStarted(1), on.epochStarted(2), ...on.epoch(3, [missing])],
    ],
  ])('is "not verified" when %s, and says so', (_, reason, events) => {
    expect(on.stateOf(events).verdict).toEqual({ kind: 'not verified', reason });
  });

  it('names the model when there are several', () => {
    const state = on.stateOf(begun, on.model({ model: 'other' }), on.epoch(1, [missing]));
    expect(state.verdict).toMatchObject({ reason: 'a was missing in epoch 1 of net' });
  });

  it('is "not verified" when training was refused', () => {
    const refusal: RunEvent = {
      ...{
        v: 1,
        t: 1,
        proc: '7',
        type: 'config-error',
        file: 'permafrost.json',
        line: 3,
        column: 5,
      },
      text: '"conf**" matches no tensor.',
    };
    expect(on.stateOf(begun, refusal, on.stopped('config'), on.runEnded(2))).toMatchObject({
      status: 'stopped',
      configError: { line: 3, column: 5 },
      verdict: {
        kind: 'not verified',
        reason: 'training was refused: "conf**" matches no tensor',
      },
    });
  });

  it('does not hold a fault of the hook against a run without rules', () => {
    const state = on.stateOf(
      on.runStarted({ rules: [] }),
      on.model({ frozen: {} }),
      on.message('hook-fault', 'x'),
    );
    expect(state.verdict.kind).toBe('nothing frozen');
  });

  it('counts the most tensors frozen at once, and the epochs in which some were', () => {
    const frozen = {
      a: [{ from: 1, until: 2, rule: 0 }],
      b: [
        { from: 2, until: 2, rule: 0 },
        { from: 1, until: 1, rule: 1 },
      ],
    };
    const state = on.stateOf(
      on.model({ frozen }),
      on.epoch(1),
      on.epoch(2),
      on.epochStarted(3),
      on.verified(3, [], { intact: 0 }),
    );
    expect(state.verdict).toEqual({ kind: 'intact', tensors: 2, epochs: 2 });
  });
});

describe('a movement', () => {
  it('is told once, with the first epoch in which the tensor differed', () => {
    const state = on.stateOf(
      begun,
      on.epoch(1),
      on.epoch(2, [on.moved('a', { maxDelta: 2 })]),
      on.epoch(3, [on.moved('a', { maxDelta: 3 }), on.moved('b')]),
    );
    expect(state.verdict).toMatchObject({
      kind: 'moved',
      movements: [
        { model: 'net', name: 'a', epoch: 2, elements: 1, maxDelta: 2, cause: null },
        { model: 'net', name: 'b', epoch: 3 },
      ],
    });
  });

  it('is dated back when an earlier epoch is told later', () => {
    const state = on.stateOf(begun, on.epoch(3, [on.moved('a')]), on.epoch(2, [on.moved('a')]));
    expect(state.verdict).toMatchObject({ movements: [{ name: 'a', epoch: 2 }] });
  });

  it('of equal names in two models is two', () => {
    const state = on.stateOf(
      on.model({ model: 'x' }),
      on.model({ model: 'y' }),
      on.verified(1, [on.moved('a')], { model: 'x' }),
      on.verified(1, [on.moved('a')], { model: 'y' }),
    );
    expect(state.verdict).toMatchObject({ movements: [{ model: 'x' }, { model: 'y' }] });
  });
});
