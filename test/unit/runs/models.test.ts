import { describe, expect, it } from 'vitest';
import { reduce, reduceLine } from '../../../src/runs/reduce/reduce';
import type { RunState } from '../../../src/runs/state';
import * as on from './eventFixtures';

const names = ({ models }: RunState): readonly string[] => models.map(({ name }) => name);

describe('a model', () => {
  it('that is described again before it trained is the same model', () => {
    const state = on.stateOf(on.model(), on.model({ className: 'Functional' }));
    expect(state.models).toHaveLength(1);
    expect(state.models[0]?.className).toBe('Functional');
  });

  it('of the same name that trains after it is another one (k-fold)', () => {
    const fold = [on.model(), ...on.epoch(1), ...on.epoch(2)];
    const state = on.stateOf(fold, fold, fold);
    expect(names(state)).toEqual(['net', 'net (2)', 'net (3)']);
    expect(state.models.map(({ epochs }) => epochs.length)).toEqual([2, 2, 2]);
    expect(state.verdict).toEqual({ kind: 'intact', tensors: 6, epochs: 2 });
  });

  it('that begins an ended epoch again is another one, with the same tensors', () => {
    const state = on.stateOf(
      on.model(),
      on.epoch(1),
      on.epochStarted(1, { t: 5000 }),
      on.verified(1, [on.moved('a')]),
    );
    expect(names(state)).toEqual(['net', 'net (2)']);
    expect(state.models[1]?.tensors).toBe(state.models[0]?.tensors);
    expect(state.models[0]?.epochs[0]?.verification?.intact).toBe(2);
    expect(state.verdict).toMatchObject({ kind: 'moved', movements: [{ model: 'net (2)' }] });
  });

  it('of another process is another one', () => {
    const state = on.stateOf(
      on.model({ proc: '7' }),
      on.model({ proc: '8' }),
      on.epochStarted(1, { proc: '7' }),
      on.epochStarted(1, { proc: '8' }),
      on.epochStarted(2, { proc: '7' }),
    );
    expect(names(state)).toEqual(['net', 'net (2)']);
    expect(state.models.map(({ epochs }) => epochs.length)).toEqual([2, 1]);
  });

  it('gets only its own events', () => {
    const state = on.stateOf(
      on.model({ model: 'Generator' }),
      on.model({ model: 'Discriminator' }),
      on.epochStarted(1, { model: 'Discriminator' }),
      on.epochStarted(1, { model: 'Generator' }),
      on.verified(1, [on.moved('a')], { model: 'Discriminator' }),
    );
    expect(state.models[0]?.epochs[0]?.verification).toBeNull();
    expect(state.models[1]?.epochs[0]?.verification?.findings).toHaveLength(1);
  });

  it('whose description was lost is shown without tensors, and not as intact', () => {
    const state = on.stateOf(on.runStarted(), on.epoch(1), on.runEnded(0));
    expect(state.models).toMatchObject([{ name: 'net', className: '', tensors: [] }]);
    expect(state.verdict).toMatchObject({
      kind: 'not verified',
      reason: 'in epoch 1, 2 tensors were compared, but 0 were frozen',
    });
  });

  it('may not take a display name that another has', () => {
    const state = on.stateOf(on.model({ model: 'net (2)' }), on.model(), on.epoch(1), on.model());
    expect(names(state)).toEqual(['net (2)', 'net', 'net (3)']);
  });
});

describe('an epoch', () => {
  it('keeps clock, metrics, time and verification', () => {
    const [epoch] = on.stateOf(on.model(), on.epoch(1)).models[0]?.epochs ?? [];
    expect(epoch).toMatchObject({
      epoch: 1,
      clock: 'fit',
      startedAt: 1001,
      milliseconds: 20,
      metrics: { loss: 0.5 },
      verification: { intact: 2, findings: [] },
    });
  });

  it('shows its progress while it runs, and none between epochs', () => {
    const running = on.stateOf(on.model(), on.epochStarted(1), on.progress(1, 40));
    expect(running.models[0]?.progress).toEqual({ epoch: 1, batch: 40, batches: 100, loss: 0.5 });
    expect(reduce(running, on.epochEnded(1)).models[0]?.progress).toBeNull();
  });

  it('stands in its order when events come out of order', () => {
    const state = on.stateOf(on.model(), on.epoch(3), on.epoch(1), on.epoch(2));
    expect(state.models[0]?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it('is made by whichever of its events comes first', () => {
    const state = on.stateOf(on.model(), on.verified(1), on.progress(2, 1), on.epochEnded(3));
    expect(state.models[0]?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it('that is told twice is one epoch', () => {
    const state = on.stateOf(on.model(), on.epoch(1), on.epoch(1));
    expect(names(state)).toEqual(['net']);
    expect(state.models[0]?.epochs).toHaveLength(1);
    expect(state.verdict).toEqual({ kind: 'intact', tensors: 2, epochs: 1 });
  });

  it('that was verified twice keeps the worse verdict of each tensor', () => {
    const state = on.stateOf(
      on.model(),
      on.epochStarted(1),
      on.verified(1, [on.moved('a')]),
      on.verified(1, [{ name: 'b', verdict: 'missing' }], { at: 'exit', method: 'fingerprint' }),
    );
    expect(state.models[0]?.epochs[0]?.verification).toMatchObject({
      at: 'exit',
      method: 'mixed',
      intact: 0,
      findings: [
        { name: 'a', verdict: 'moved' },
        { name: 'b', verdict: 'missing' },
      ],
    });
  });
});

describe('a progress event', () => {
  const big = on.stateOf(on.runStarted(), on.model(), on.epoch(1), on.epochStarted(2));

  it('shares with the state before what it does not change', () => {
    const next = reduce(big, on.progress(2, 1));
    expect(next.models[0]?.tensors).toBe(big.models[0]?.tensors);
    expect(next.models[0]?.epochs).toBe(big.models[0]?.epochs);
    expect(next.models[0]?.frozen).toBe(big.models[0]?.frozen);
    expect(next.verdict).toBe(big.verdict);
    expect(big.models[0]?.progress?.batch).toBe(0);
  });
});

describe('a run of 1,000 epochs over 10,000 frozen tensors', () => {
  it('is reduced within the time of a test, also when all of them move in each epoch', () => {
    const span = { from: 1, until: null, rule: 0 };
    const tensors = Array.from({ length: 10_000 }, (_, index) => `layer/${String(index)}/kernel`);
    const frozen = Object.fromEntries(tensors.map((name) => [name, [span]]));
    const findings = tensors.map((name) => on.moved(name));
    let intact = on.stateOf(on.runStarted(), on.model({ frozen }));
    let moving = intact;
    for (let epoch = 1; epoch <= 1000; epoch++) {
      intact = reduce(intact, on.epochStarted(epoch));
      for (let batch = 0; batch < 20; batch++) intact = reduce(intact, on.progress(epoch, batch));
      intact = reduce(intact, on.epochEnded(epoch));
      intact = reduce(intact, on.verified(epoch, [], { intact: 10_000 }));
      if (epoch <= 50) moving = reduce(moving, on.verified(epoch, findings, { intact: 0 }));
    }
    expect(intact.verdict).toEqual({ kind: 'intact', tensors: 10_000, epochs: 1000 });
    expect(moving.verdict).toMatchObject({ kind: 'moved' });
  });
});

describe('a line of the events file', () => {
  const state = on.stateOf(on.runStarted(), on.model(), on.epoch(1));

  it('of an unknown type is passed over', () => {
    expect(reduceLine(state, '{"v":1,"t":1,"proc":"7","type":"from-the-future"}')).toBe(state);
  });

  it('that is empty is passed over', () => {
    expect(reduceLine(state, '')).toBe(state);
  });

  it('that cannot be read is counted, and the run is not called intact', () => {
    const next = reduceLine(reduceLine(state, '{"v":1,"type":"verif'), '{"v":1,"type":"model"}');
    expect(next.garbledLines).toBe(2);
    expect(next.verdict).toEqual({
      kind: 'not verified',
      reason: '2 lines of the events file could not be read',
    });
  });
});
