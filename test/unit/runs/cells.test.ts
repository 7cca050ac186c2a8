import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/runs/events';
import { cellOf } from '../../../src/runs/reduce/cells';
import { frozenCount } from '../../../src/runs/reduce/frozenCount';
import type { Cell } from '../../../src/runs/state';
import * as on from './eventFixtures';

/** The cell of a tensor at the epoch at `index`. */
function cell(tensor: string, index: number, ...events: readonly RunEvent[]): Cell {
  const model = on.stateOf(on.model(), events).models[0];
  const epoch = model?.epochs[index];
  if (model === undefined || epoch === undefined) throw new Error('no such epoch');
  return cellOf(model, tensor, epoch);
}

describe('the cell of a tensor at an epoch', () => {
  it.each(['a', 'b'])('is intact for the frozen tensor %s of a verified epoch', (name) => {
    expect(cell(name, 0, ...on.epoch(1))).toBe('intact');
  });

  it('is trainable where no rule freezes it', () => {
    expect(cell('head', 0, ...on.epoch(1))).toBe('trainable');
  });

  it('is what was found', () => {
    const events = on.epoch(1, [on.moved('a'), { name: 'b', verdict: 'replaced' }]);
    expect(cell('a', 0, ...events)).toBe('moved');
    expect(cell('b', 0, ...events)).toBe('replaced');
  });

  it('is pending until the running epoch is verified', () => {
    expect(cell('a', 0, on.epochStarted(1))).toBe('pending');
  });

  it('is not verified where an epoch was passed over', () => {
    expect(cell('a', 0, on.epochStarted(1), on.epochStarted(2))).toBe('not verified');
  });

  it('is not verified where the counts do not add up', () => {
    const events = [on.epochStarted(1), on.verified(1, [on.moved('b')], { intact: 0 })];
    expect(cell('a', 0, ...events)).toBe('not verified');
    expect(cell('b', 0, ...events)).toBe('moved');
  });
});

describe('the number of frozen tensors', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 1],
    [99, 1],
  ])('in epoch %i is %i', (epoch, count) => {
    const rule = 0;
    const frozen = {
      open: [{ from: 2, until: null, rule }],
      overlapping: [
        { from: 2, until: 3, rule },
        { from: 1, until: 2, rule },
      ],
      never: [],
    };
    expect(frozenCount(frozen, epoch)).toBe(count);
  });
});
