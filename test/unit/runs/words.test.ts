import { describe, expect, it } from 'vitest';
import type { Finding, RunEvent } from '../../../src/runs/events';
import {
  epochLine,
  formatCount,
  formatDelta,
  statusText,
  verdictSentence,
} from '../../../src/runs/words/words';
import { withLiveness } from '../../../src/runs/reduce/reduce';
import * as on from './eventFixtures';

const begun = [on.runStarted(), on.model()];
const cause = { kind: 'assign', text: 'assign() was called', file: 'train.js', line: 31 } as const;
const movedA = on.moved('a', { cause });
const rebased: Finding = {
  name: 'a',
  verdict: 'rebased',
  cause: { kind: 'load', text: 'loadWeights() was called' },
};
const batchNorm = [{ module: 'bn1', mode: 'batch' as const, frozen: true }];
const many = Array.from({ length: 17 }, (_, index) => `t${String(index)}`);
const manyFrozen = Object.fromEntries(
  many.map((name) => [name, [{ from: 1, until: null, rule: 0 }]]),
);

describe('the verdict sentence', () => {
  it.each<[string, readonly RunEvent[]]>([
    ['No model has been seen yet.', [on.runStarted()]],
    ['No epoch has been verified yet.', begun],
    ['2 frozen tensors intact over 1 epoch.', [...begun, ...on.epoch(1)]],
    ['2 frozen tensors intact over 2 epochs.', [...begun, ...on.epoch(1), ...on.epoch(2)]],
    [
      '2 frozen tensors intact over 1 epoch, but loss was NaN in epoch 1, val_loss was infinite in epoch 1.',
      [
        ...begun,
        on.epochStarted(1),
        on.epochEnded(1, { metrics: { loss: 'NaN', val_loss: 'Infinity', accuracy: 'NaN' } }),
        on.verified(1),
      ],
    ],
    [
      '4 frozen tensors of 2 models intact over 1 epoch.',
      [...begun, ...on.epoch(1), on.model(), ...on.epoch(1)],
    ],
    [
      '2 frozen tensors intact over 1 epoch; the script itself set a anew, compared with that since.',
      [...begun, ...on.epoch(1, [rebased])],
    ],
    [
      '2 frozen tensors intact over 1 epoch; bn1 normalised with batch statistics although frozen.',
      [
        ...begun,
        on.epochStarted(1),
        on.epochEnded(1),
        on.verified(1, [], { normalization: batchNorm }),
      ],
    ],
    [
      '2 frozen tensors intact over 1 epoch; the command failed (exit code 1) in epoch 2, which was not verified.',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(1)],
    ],
    [
      '2 frozen tensors intact over 1 epoch; the command failed (SIGSEGV).',
      [...begun, ...on.epoch(1), on.runEnded(null, { signal: 'SIGSEGV' })],
    ],
    [
      '2 frozen tensors intact over 1 epoch; the run was cancelled in epoch 2, which was not verified.',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(130, { cancelled: true })],
    ],
    [
      '1 frozen tensor moved: a in epoch 1 (1 element, max |Δ| 1.0e-7; assign() was called at train.js:31).',
      [...begun, ...on.epoch(1, [movedA])],
    ],
    [
      '2 frozen tensors moved: a in epoch 1 (1 element, max |Δ| 1.0e-7); b in epoch 2 (1,234 elements, max |Δ| NaN); training was stopped.',
      [
        ...begun,
        ...on.epoch(1, [on.moved('a')]),
        ...on.epoch(2, [on.moved('b', { elements: 1234, maxDelta: 'NaN' })]),
        on.stopped('moved'),
        on.runEnded(3),
      ],
    ],
    [
      '1 frozen tensor moved: a of net in epoch 1.',
      [
        ...begun,
        ...on.epoch(1, [on.moved('a', { elements: null, maxDelta: null })]),
        on.model({ model: 'other' }),
      ],
    ],
    [
      'Not verified: a was missing in epoch 1.',
      [...begun, ...on.epoch(1, [{ name: 'a', verdict: 'missing' }])],
    ],
    [
      'Not verified: the command ended before an epoch was completed; the command failed (exit code 1).',
      [...begun, on.runEnded(1)],
    ],
    [
      'Nothing was frozen: there are no rules.',
      [on.runStarted({ rules: [] }), on.model({ frozen: {} })],
    ],
    [
      'Nothing was frozen: no rule froze a tensor in the epochs that ran.',
      [on.runStarted(), on.model({ frozen: {} })],
    ],
    [
      'No model was seen: the command loaded neither PyTorch nor TensorFlow.js.',
      [on.runStarted(), on.runEnded(0)],
    ],
  ])('is %j', (sentence, events) => {
    expect(verdictSentence(on.stateOf(events))).toBe(sentence);
  });

  it('says when the end was not seen', () => {
    const state = withLiveness(on.stateOf(begun, on.epoch(1), on.epochStarted(2)), () => false);
    expect(verdictSentence(state)).toBe(
      '2 frozen tensors intact over 1 epoch; the command was killed or its end was not seen in epoch 2, which was not verified.',
    );
  });

  it('names five tensors of many', () => {
    const state = on.stateOf(
      on.model({ frozen: manyFrozen }),
      on.verified(
        1,
        many.map((name) => on.moved(name, { elements: null })),
        { intact: 0 },
      ),
    );
    expect(verdictSentence(state)).toBe(
      '17 frozen tensors moved: t0 in epoch 1; t1 in epoch 1; t2 in epoch 1; t3 in epoch 1; t4 in epoch 1 and 12 more.',
    );
  });
});

describe('the line of an epoch', () => {
  const line = (...events: readonly RunEvent[]): string => {
    const model = on.stateOf(events).models.at(-1);
    const epoch = model?.epochs.at(-1);
    return model && epoch ? epochLine(model, epoch) : '';
  };

  it.each<[string, readonly RunEvent[]]>([
    ['epoch 1/10: 2 frozen intact', [...begun, ...on.epoch(1)]],
    ['epoch 1: 2 frozen intact', [...begun, on.epochStarted(1, { epochs: null }), on.verified(1)]],
    [
      'epoch 2/10: a moved (1 element, max |Δ| 1.0e-7; assign() was called at train.js:31); 1 intact',
      [...begun, ...on.epoch(2, [movedA])],
    ],
    [
      'epoch 1/10: a rebased (loadWeights() was called); 1 intact',
      [...begun, ...on.epoch(1, [rebased])],
    ],
    [
      'epoch 1/10: a missing; b not verified (no memory); 0 intact',
      [
        ...begun,
        ...on.epoch(1, [
          { name: 'a', verdict: 'missing' },
          { name: 'b', verdict: 'not verified', reason: 'no memory' },
        ]),
      ],
    ],
    [
      'epoch 1/10: a replaced (another tensor bears the name); 1 intact',
      [...begun, ...on.epoch(1, [{ name: 'a', verdict: 'replaced' }])],
    ],
    ['epoch 1/10: 2 frozen, not verified', [...begun, on.epochStarted(1), on.epochEnded(1)]],
    [
      'epoch 1/10: not verified (1 compared, but 2 frozen)',
      [...begun, on.epochStarted(1), on.verified(1, [], { intact: 1 })],
    ],
    [
      'epoch 1/10: nothing frozen',
      [on.model({ frozen: {} }), on.epochStarted(1), on.verified(1, [], { intact: 0 })],
    ],
    [
      'epoch 1/10: 2 frozen intact; bn1 normalised with batch statistics although frozen',
      [...begun, on.epochStarted(1), on.verified(1, [], { normalization: batchNorm })],
    ],
  ])('is %j', (text, events) => {
    expect(line(...events)).toBe(text);
  });
});

describe('the status text', () => {
  it.each<[string, readonly RunEvent[]]>([
    ['starting', [on.runStarted()]],
    ['2 frozen', begun],
    ['1/10 · 2 frozen', [...begun, on.epochStarted(1)]],
    ['2/10 · 2 frozen intact', [...begun, ...on.epoch(1), ...on.epoch(2)]],
    [
      '1/10 · 2 frozen intact · loss not finite',
      [
        ...begun,
        on.epochStarted(1),
        on.epochEnded(1, { metrics: { loss: 'NaN' } }),
        on.verified(1),
      ],
    ],
    ['1/10 · a moved', [...begun, ...on.epoch(1, [movedA])]],
    ['1/10 · 2 frozen moved', [...begun, ...on.epoch(1, [movedA, on.moved('b')])]],
    ['1/10 · not verified', [...begun, ...on.epoch(1, [{ name: 'a', verdict: 'missing' }])]],
    ['1/10 · nothing frozen', [on.model({ frozen: {} }), on.epochStarted(1)]],
    ['no model seen', [on.runStarted(), on.runEnded(0)]],
    [
      '2/10 · 2 frozen intact · failed',
      [...begun, ...on.epoch(1), on.epochStarted(2), on.runEnded(1)],
    ],
    [
      '1/10 · a moved · stopped',
      [...begun, ...on.epoch(1, [movedA]), on.stopped('moved'), on.runEnded(3)],
    ],
    [
      '3/10 · 4 frozen intact',
      [
        ...begun,
        on.model({ model: 'other' }),
        on.epochStarted(3),
        on.verified(3),
        on.epochStarted(1, { model: 'other' }),
        on.verified(1, [], { model: 'other' }),
      ],
    ],
  ])('is %j', (text, events) => {
    expect(statusText(on.stateOf(events))).toBe(text);
  });
});

describe('numbers', () => {
  it('have separators as in English', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
  });

  it.each([
    [1e-7, '1.0e-7'],
    [0.25, '2.5e-1'],
    [0, '0.0e+0'],
    ['Infinity', 'Infinity'],
  ] as const)('that are differences, as %s, are written %s', (delta, text) => {
    expect(formatDelta(delta)).toBe(text);
  });
});
