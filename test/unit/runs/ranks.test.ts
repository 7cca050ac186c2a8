import { describe, expect, it } from 'vitest';
import type { Finding, RunEvent } from '../../../src/runs/events';
import { cellOf } from '../../../src/runs/reduce/cells';
import { reduce, withLiveness } from '../../../src/runs/reduce/reduce';
import { distinctModels, rankWords } from '../../../src/runs/reduce/ranks';
import type { ModelState, RunState } from '../../../src/runs/state';
import { epochLine, statusText, verdictSentence } from '../../../src/runs/words/words';
import * as on from './eventFixtures';

type Events = readonly (RunEvent | readonly RunEvent[])[];

/** What a rank of two writes: the same events as a process alone, under its own name. */
function rank(number: number, events: Events, attempt = 1): readonly RunEvent[] {
  const pid = 100 * attempt + number;
  const proc = `r${String(number)}.${String(pid)}`;
  const started = on.processStarted({ pid, rank: number, worldSize: 2, attempt, host: 'h' });
  return [started, ...events.flat()].map((event) => ({ ...event, proc }));
}

const whole = [on.model(), on.epoch(1), on.epoch(2)];
/** Without the progress that only rank 0 writes. */
const quietly = (events: Events): Events => events.flat().filter(({ type }) => type !== 'progress');

function only(state: RunState): ModelState {
  expect(state.models).toHaveLength(1);
  return state.models[0] as ModelState;
}

describe('a model that two ranks train', () => {
  const state = on.stateOf(
    on.runStarted(),
    rank(0, whole),
    rank(1, quietly(whole)),
    on.runEnded(0),
  );

  it('is one model, verified by both', () => {
    const model = only(state);
    expect(model.ranks).toEqual([
      { rank: 0, proc: 'r0.100', announced: true, frozen: null },
      { rank: 1, proc: 'r1.101', announced: true, frozen: null },
    ]);
    expect(model.epochs[1]?.ranks).toMatchObject({
      0: { milliseconds: 20, verification: { intact: 2 } },
      1: { milliseconds: 20, verification: { intact: 2 } },
    });
    expect(model.epochs[1]?.verification).toMatchObject({ intact: 2, bytes: 32 });
    expect(state.verdict).toEqual({ kind: 'intact', tensors: 2, epochs: 2 });
    expect(verdictSentence(state)).toBe('2 frozen tensors intact over 2 epochs on 2 ranks.');
    expect(epochLine(model, model.epochs[1] as never)).toBe(
      'epoch 2/10: 2 frozen intact on 2 ranks',
    );
  });

  it('has a process for each of them', () => {
    expect(state.processes).toMatchObject([
      { proc: 'r0.100', rank: 0, worldSize: 2, attempt: 1, host: 'h' },
      { proc: 'r1.101', rank: 1, worldSize: 2, attempt: 1, host: 'h' },
    ]);
  });

  it('can be one of several that follow each other (k-fold)', () => {
    const folds = [whole, whole];
    const { models } = on.stateOf(rank(1, quietly(folds.flat())), rank(0, folds.flat()));
    expect(models.map(({ name, ranks }) => [name, ranks.length])).toEqual([
      ['net', 2],
      ['net (2)', 2],
    ]);
  });

  it('is another one when each rank begins its epochs again', () => {
    const again = [on.model(), on.epoch(1), on.epochStarted(1, { t: 5000 }), on.verified(1)];
    const { models } = on.stateOf(rank(1, again), rank(0, again));
    expect(models.map(({ name, ranks }) => [name, ranks.length])).toEqual([
      ['net', 2],
      ['net (2)', 2],
    ]);
  });

  it('counts what each rank freezes, where they freeze different tensors', () => {
    const stage = on.model({ frozen: { c: [{ from: 1, until: null, rule: 0 }] } });
    const other = [stage, on.epochStarted(1), on.epochEnded(1), on.verified(1, [], { intact: 1 })];
    for (const ranks of [
      [rank(0, [on.model(), on.epoch(1)]), rank(1, other)],
      [rank(1, other), rank(0, [on.model(), on.epoch(1)])],
    ]) {
      const state = on.stateOf(ranks.flat());
      expect(only(state).ranks[1]?.frozen).toHaveProperty('c');
      expect(state.verdict).toEqual({ kind: 'intact', tensors: 2, epochs: 1 });
    }
  });

  it('with a torchrun of one process is told as if there were no ranks', () => {
    const alone = rank(0, whole).map((event) =>
      event.type === 'process-started' ? { ...event, worldSize: 1 } : event,
    );
    const state = on.stateOf(alone);
    expect(verdictSentence(state)).toBe('2 frozen tensors intact over 2 epochs.');
    expect(epochLine(only(state), only(state).epochs[0] as never)).toBe(
      'epoch 1/10: 2 frozen intact',
    );
  });
});

describe('a tensor that moved on one rank', () => {
  const sabotaged = [on.model(), on.epoch(1), on.epoch(2, [on.moved('a')])];
  const state = on.stateOf(on.runStarted(), rank(1, quietly(sabotaged)), rank(0, whole));

  it('moved, and the rank is named', () => {
    expect(state.verdict).toMatchObject({
      kind: 'moved',
      movements: [{ name: 'a', epoch: 2, ranks: [1] }],
    });
    expect(verdictSentence(state)).toBe(
      '1 frozen tensor moved: a in epoch 2 on rank 1 (1 element, max |Δ| 1.0e-7).',
    );
    expect(statusText(state)).toBe('2/10 · a moved');
  });

  it('is shown as moved in the epoch of the model', () => {
    const model = only(state);
    const epoch = model.epochs[1] as never;
    expect(cellOf(model, 'a', epoch)).toBe('moved');
    expect(cellOf(model, 'b', epoch)).toBe('intact');
    expect(epochLine(model, epoch)).toBe(
      'epoch 2/10: a moved on rank 1 (1 element, max |Δ| 1.0e-7); 1 intact',
    );
  });

  it('names all ranks on which it did', () => {
    const both = on.stateOf(rank(1, quietly(sabotaged)), rank(0, sabotaged));
    expect(verdictSentence(both)).toContain('a in epoch 2 on ranks 0 and 1 (');
  });
});

describe('a rank that was killed', () => {
  it.each<[string, Events]>([
    ['in an epoch', [on.model(), on.epoch(1), on.epochStarted(2)]],
    ['between epochs', [on.model(), on.epoch(1)]],
  ])('%s makes the epochs that others went on to verify "not verified"', (_, events) => {
    const state = on.stateOf(
      on.runStarted(),
      rank(1, quietly(events)),
      rank(0, [...whole, on.processEnded(1)]),
      on.runEnded(1),
    );
    expect(state.verdict).toEqual({
      kind: 'not verified',
      reason: 'epoch 2 was not verified on rank 1',
    });
    const model = only(state);
    expect(cellOf(model, 'a', model.epochs[1] as never)).toBe('pending');
    expect(epochLine(model, model.epochs[1] as never)).toBe(
      'epoch 2/10: 2 frozen intact on 1 rank; not verified on rank 1',
    );
  });

  it('is noticed while the others train on', () => {
    const begun = [on.runStarted(), rank(1, [on.model(), on.epoch(1)]), rank(0, whole)];
    // One epoch ahead is what a slower rank may be behind.
    expect(on.stateOf(...begun).verdict.kind).toBe('intact');
    const on3 = on.epoch(3).map((event) => ({ ...event, proc: 'r0.100' }));
    const on4 = on.epoch(4).map((event) => ({ ...event, proc: 'r0.100' }));
    expect(on.stateOf(...begun, on3, on4).verdict).toEqual({
      kind: 'not verified',
      reason: 'epoch 2 was not verified on rank 1',
    });
  });

  it('before it told of a model is named', () => {
    const state = on.stateOf(on.runStarted(), rank(0, whole), rank(1, []), on.runEnded(0));
    expect(state.verdict).toMatchObject({ reason: 'rank 1 ended before training' });
  });

  it('that never wrote anything is named', () => {
    const state = on.stateOf(on.runStarted(), rank(0, whole), on.runEnded(0));
    expect(state.verdict).toMatchObject({ reason: 'rank 1 of 2 told nothing' });
  });

  it('with the others, in an epoch that nobody ended, cuts the run short', () => {
    const cut = [on.model(), on.epoch(1), on.epochStarted(2)];
    const state = on.stateOf(on.runStarted(), rank(0, cut), rank(1, quietly(cut)), on.runEnded(1));
    expect(verdictSentence(state)).toBe(
      '2 frozen tensors intact over 1 epoch on 2 ranks; the command failed (exit code 1) in epoch 2, which was not verified.',
    );
  });

  it('does not speak against a rank that ended well and trained nothing', () => {
    const idle = rank(1, [on.processEnded(0)]);
    const state = on.stateOf(on.runStarted(), rank(0, whole), idle, on.runEnded(0));
    expect(state.verdict.kind).toBe('intact');
  });
});

describe('ranks that hold different values', () => {
  const holding = (digest: string): Events => [
    on.model(),
    on.epochStarted(1),
    on.epochEnded(1),
    on.verified(1, [], { digest }),
  ];

  it('are told, beside the verdict', () => {
    const state = on.stateOf(on.runStarted(), rank(0, holding('aa')), rank(1, holding('bb')));
    const said = 'ranks 0 and 1 hold different values of frozen tensors';
    expect(verdictSentence(state)).toBe(
      `2 frozen tensors intact over 1 epoch on 2 ranks; ${said}.`,
    );
    const model = only(state);
    expect(epochLine(model, model.epochs[0] as never)).toContain(said);
    expect(model.epochs[0]?.verification?.digest).toBeUndefined();
  });

  it('are not those that hold the same, or did not say', () => {
    for (const digests of [
      ['aa', 'aa'],
      ['aa', undefined],
    ]) {
      const [first, second] = digests.map((digest) =>
        digest === undefined ? [on.model(), on.epoch(1)] : holding(digest),
      );
      const state = on.stateOf(rank(0, first ?? []), rank(1, second ?? []));
      expect(verdictSentence(state)).toBe('2 frozen tensors intact over 1 epoch on 2 ranks.');
    }
  });
});

describe('training that was started again', () => {
  const cut = [on.model(), on.epoch(1), on.epoch(2), on.epochStarted(3)];
  const resumed = [on.model(), on.epoch(3), on.epoch(4)];
  const anew = [on.model(), on.epoch(1), on.epoch(2), on.epoch(3)];

  it.each<[string, Events, number]>([
    ['goes on where a checkpoint was', resumed.map(jump), 4],
    ['or begins anew', anew, 3],
  ])('%s, apart from the attempt before', (_, second, epochs) => {
    const state = on.stateOf(
      on.runStarted(),
      rank(0, cut),
      rank(1, quietly(cut)),
      rank(1, quietly(second), 2),
      rank(0, second, 2),
      on.runEnded(0),
    );
    expect(state.models.map(({ name, attempt }) => [name, attempt])).toEqual([
      ['net', 1],
      ['net, attempt 2', 2],
    ]);
    expect(state.models[0]?.epochs).toHaveLength(3);
    expect(state.verdict).toEqual({ kind: 'intact', tensors: 2, epochs });
    expect(verdictSentence(state)).toBe(
      `2 frozen tensors intact over ${String(epochs)} epochs on 2 ranks; training was started again (attempt 2).`,
    );
  });

  it('is counted once', () => {
    const state = on.stateOf(on.runStarted(), rank(0, cut), rank(0, [on.model()], 2));
    expect(distinctModels(state.models).map(({ name }) => name)).toEqual(['net, attempt 2']);
  });

  it('keeps what the first attempt found', () => {
    const moved = [on.model(), on.epoch(1, [on.moved('a')])];
    const state = on.stateOf(rank(0, moved), rank(1, moved), rank(0, anew, 2), rank(1, anew, 2));
    expect(state.verdict).toMatchObject({ kind: 'moved', movements: [{ model: 'net', epoch: 1 }] });
  });

  it('does not forgive an epoch that only one rank of the first attempt verified', () => {
    const state = on.stateOf(
      on.runStarted(),
      rank(0, [on.model(), on.epoch(1)]),
      rank(1, [on.model(), on.epochStarted(1)]),
      rank(0, anew, 2),
      rank(1, anew, 2),
      on.runEnded(0),
    );
    expect(state.verdict).toMatchObject({
      reason: 'epoch 1 of net was not verified on rank 1',
    });
  });

  it('is not lost because the ranks of the first attempt never said that they ended', () => {
    const state = withLiveness(
      on.stateOf(
        on.runStarted(),
        rank(0, cut),
        rank(0, [...anew, on.processEnded(0)], 2),
        rank(1, [...anew, on.processEnded(0)], 2),
      ),
      () => false,
    );
    expect(state.status).toBe('finished');
  });
});

/** The script itself resumes at epoch 3. */
function jump(events: RunEvent | readonly RunEvent[]): readonly RunEvent[] {
  return [events]
    .flat()
    .map((event) =>
      event.type === 'epoch-started' && event.epoch === 3 ? { ...event, previous: 0 } : event,
    );
}

describe('what is told of the run as a whole', () => {
  it('has one message of what several ranks say alike', () => {
    const said = on.message('script-thawed', 'x');
    const state = on.stateOf(rank(1, [said]), rank(0, [said, on.message('other', 'y')]));
    expect(state.messages).toMatchObject([
      { text: 'x', ranks: [0, 1] },
      { text: 'y', ranks: [0] },
    ]);
  });

  it('takes the engine from rank 0', () => {
    const engine = (device: string): RunEvent =>
      on.event({
        ...{ type: 'engine', framework: 'pytorch', version: '2', package: 'torch' },
        ...{ backend: 'cuda', device },
      });
    const ranks = [rank(0, [engine('cuda:0')]), rank(1, [engine('cuda:1')])];
    expect(on.stateOf(...ranks).engine?.device).toBe('cuda:0');
    expect(on.stateOf(...ranks.reverse()).engine?.device).toBe('cuda:0');
  });

  it('is stopped by a rank, also when its file is read last', () => {
    const stop = { ...on.stopped('moved'), proc: 'r1.101' };
    const state = on.stateOf(on.runStarted(), rank(0, whole), on.runEnded(1));
    expect(state.status).toBe('failed');
    expect(reduce(state, stop).status).toBe('stopped');
  });

  it('names ranks', () => {
    expect([[1], [0, 1], [0, 1, 2], [0, 1, 2, 3, 4], [0, 2, 4, 5, 6]].map(rankWords)).toEqual([
      'rank 1',
      'ranks 0 and 1',
      'ranks 0, 1 and 2',
      'ranks 0 to 4',
      'ranks 0, 2, 4 and 2 more',
    ]);
  });
});

describe('the files of several ranks', () => {
  const a: Finding = on.moved('a', { elements: 7 });
  const b: Finding = { name: 'b', verdict: 'not verified', reason: 'a shard of another size' };
  const first = [on.model(), on.epoch(1), on.epoch(2, [b]), on.epochStarted(3)];
  const files: readonly (readonly RunEvent[])[] = [
    [
      on.runStarted(),
      ...rank(0, [...whole, on.message('m', 'x'), on.epochStarted(3)]),
      ...rank(0, [on.model(), on.epoch(1), on.epoch(2), on.processEnded(0)], 2),
      on.runEnded(0),
    ],
    [
      ...rank(1, [...first, on.message('m', 'x')]),
      ...rank(1, [on.model(), on.epoch(1, [a, on.moved('b')]), on.processEnded(0)], 2),
    ],
    [
      ...rank(2, first),
      ...rank(2, [on.model(), on.epoch(1, [on.moved('a')]), on.epoch(2, [b])], 2),
    ],
  ];

  it('say the same in whatever order their lines are read', () => {
    const expected = whatMatters(on.stateOf(...files));
    expect(expected.verdict).toMatchObject({
      movements: [
        { name: 'a', epoch: 1, ranks: [1, 2], elements: 7 },
        { name: 'b', epoch: 1, ranks: [1] },
      ],
    });
    for (let seed = 1; seed <= 300; seed++) {
      expect(whatMatters(on.stateOf(shuffle(files, seed)))).toEqual(expected);
    }
  });

  const stage = on.model({ frozen: { c: [{ from: 1, until: null, rule: 0 }] } });
  const again = [on.epoch(1), on.epochStarted(1, { t: 5000 }), on.epochEnded(1), on.verified(1)];

  it.each<[string, readonly Events[], string]>([
    [
      'of which one lost its announcement',
      [whole, quietly(whole.slice(1))],
      '2 frozen tensors intact over 2 epochs on 2 ranks.',
    ],
    [
      'of which the lowest lost its announcement',
      [whole.slice(1), quietly(whole)],
      '2 frozen tensors intact over 2 epochs on 2 ranks.',
    ],
    [
      'of which one lost its announcement and one freezes something else',
      [
        [on.epoch(1)],
        [on.model(), on.epoch(1)],
        [stage, on.epochStarted(1), on.epochEnded(1), on.verified(1, [], { intact: 1 })],
      ],
      '2 frozen tensors intact over 1 epoch on 3 ranks.',
    ],
    [
      'of which one lost its announcement and trains again',
      [[on.model(), ...again], again],
      '4 frozen tensors of 2 models intact over 1 epoch on 2 ranks.',
    ],
    [
      'of which none announced the model',
      [[on.epoch(1)], [on.epoch(1)]],
      '2 tensors were compared, but 0 were frozen',
    ],
  ])('%s, say the same in whatever order', (_, ranks, sentence) => {
    const files = ranks.map((events, number) => rank(number, events));
    const expected = whatMatters(on.stateOf(on.runStarted(), ...files));
    expect(verdictSentence(expected)).toContain(sentence);
    for (let seed = 1; seed <= 100; seed++) {
      const state = on.stateOf(on.runStarted(), shuffle(files, seed));
      expect(whatMatters(state)).toEqual(expected);
    }
  });

  it('say it as JSON', () => {
    const state = on.stateOf(...files);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

/** The state without the order of what has none. */
function whatMatters(state: RunState): RunState {
  const processes = [...state.processes].sort((a, b) => (a.proc < b.proc ? -1 : 1));
  return { ...state, processes, livePids: [...state.livePids].sort() };
}

/** An interleaving of the files that keeps the order within each. */
function shuffle(files: readonly (readonly RunEvent[])[], seed: number): readonly RunEvent[] {
  const left = files.map((file) => [...file]);
  const mixed: RunEvent[] = [];
  let random = seed;
  while (left.some((file) => file.length > 0)) {
    // Park and Miller's generator: the same shuffles at every run of the test.
    random = (random * 48271) % 2147483647;
    const file = left.filter((each) => each.length > 0);
    const next = file[random % file.length]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}
