import { describe, expect, it } from 'vitest';
import { parseEventLine, type RunEvent } from '../../../src/runs/events';
import * as on from './eventFixtures';

/** What an event is once it was written and read. */
function read(event: RunEvent): unknown {
  const parsed = parseEventLine(JSON.stringify(event));
  return parsed.kind === 'event' ? parsed.event : parsed;
}

describe('what several processes and PyTorch add to the events', () => {
  it.each<[string, RunEvent]>([
    [
      'which of the processes it is, on which machine, at which attempt',
      on.processStarted({ rank: 0, worldSize: 2, attempt: 1, host: 'node-3' }),
    ],
    ['an epoch told by model.train()', on.epochStarted(1, { clock: 'train' })],
    ['an epoch told by a scheduler', on.epochStarted(1, { clock: 'scheduler' })],
    ['a digest', on.verified(1, [], { digest: '00ff'.repeat(8) })],
    [
      'the norm of the gradients, however large',
      on.verified(1, [], {
        gradientNorm: { first: 0.5, last: 'NaN', max: 'Infinity', samples: 31 },
      }),
    ],
    [
      'a tensor moved by max_norm',
      on.verified(1, [on.moved('a', { cause: { kind: 'max-norm', text: 'max_norm' } })]),
    ],
    [
      'a tensor moved by weight_norm',
      on.verified(1, [on.moved('a', { cause: { kind: 'normalization', text: 'weight_norm' } })]),
    ],
    [
      'rules that are a way out',
      on.event({
        ...{ type: 'message', level: 'warning', code: 'gradients-exploded', text: 'Grew.' },
        rules: ['!layer4.**', { match: 'layer3.**', until: 2 }],
      }),
    ],
  ])('is read as written: %s', (_, event) => {
    expect(read(event)).toEqual(event);
  });

  it('is optional: what TensorFlow.js writes is read as before', () => {
    for (const event of [on.processStarted(), on.verified(1), on.message('clock', 'x')]) {
      expect(read(event)).toEqual(event);
    }
  });

  it.each([
    ['a rank before the first', on.processStarted({ rank: -1 })],
    ['an attempt before the first', on.processStarted({ attempt: 0 })],
    ['an unknown clock', { ...on.epochStarted(1), clock: 'moon' } as unknown as RunEvent],
  ])('is refused when it is %s', (_, event) => {
    expect(read(event)).toMatchObject({ kind: 'invalid' });
  });
});
