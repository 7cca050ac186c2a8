import { describe, expect, it } from 'vitest';
import { buildReport, nextReport } from '../../../src/runs/report/reportModel';
import { diffReports } from '../../../src/runs/report/reportPatch';
import type { ModelView } from '../../../src/runs/report/reportView';
import { initialState, withLiveness } from '../../../src/runs/reduce/reduce';
import { applyPatch } from '../../../src/report/store';
import {
  bigRun,
  DIGITS,
  DIGITS_RULES,
  engineRun,
  FROZEN_DIGITS,
  intactRun,
  movedRun,
  rankedRun,
  RunFixture,
  runningRun,
} from './runFixture';

const ROWS = new Map(DIGITS.map(({ name }, row) => [name, row]));

function cellsOf(model: ModelView | undefined, name: string): string {
  const row = ROWS.get(name) ?? -1;
  return model?.columns.map(({ cells }) => cells.charAt(row)).join('') ?? '';
}

describe('the head of the report', () => {
  it('says intact only when the run is over, and so far before', () => {
    expect(buildReport(intactRun().state()).head).toMatchObject({
      tone: 'intact',
      headline: '12 frozen tensors intact over 10 epochs',
      running: false,
    });
    expect(buildReport(runningRun().state()).head).toMatchObject({
      tone: 'running',
      headline: '12 frozen tensors intact over 3 epochs so far',
      running: true,
    });
  });

  it('names what moved, when, by how much, why and where', () => {
    const { head } = buildReport(movedRun().state());
    expect(head.tone).toBe('moved');
    expect(head.headline).toBe('3 frozen tensors moved');
    expect(head.movements[0]).toEqual({
      ...{ model: 0, row: 0, modelName: 'digits', name: 'conv1/kernel', when: 'epoch 2' },
      ...{ size: '1 element, max |Δ| 1.0e-7', cause: 'assign() was called' },
      source: 'train.js:31',
      ranks: '',
    });
  });

  it('lists at most 100 movements and counts the others', () => {
    const findings = Array.from({ length: 150 }, (_, index) => ({
      name: `encoder.layer.${String(Math.floor(index / 2))}.attention.${index % 2 === 0 ? 'weight' : 'bias'}`,
      ...{ verdict: 'moved' as const, elements: 1, maxDelta: 1 },
    }));
    const { head } = buildReport(bigRun(400, 1, () => findings).state());
    expect([head.movements.length, head.furtherMovements]).toEqual([100, 50]);
  });

  it('tells a run without a model, without rules, refused, failed and lost apart', () => {
    const tone = (run: RunFixture): string => buildReport(run.state()).head.tone;
    expect(tone(new RunFixture().start(DIGITS_RULES).ended())).toBe('no model');
    const free = new RunFixture().start([]).model(DIGITS, {}).epochStarted(1, 1);
    expect(tone(free.epochEnded(1, {}).verified(1, 0).ended())).toBe('nothing frozen');
    const refused = new RunFixture().start(['"conv9/**"']).add({
      ...{ type: 'config-error', text: 'Rule 1 matches no tensor.', file: 'permafrost.json' },
      ...{ advice: 'Did you mean conv1/**?', line: 3, column: 5 },
    });
    expect(buildReport(refused.state()).head.configError).toEqual({
      place: 'permafrost.json:3:5',
      text: 'Rule 1 matches no tensor. Did you mean conv1/**?',
    });
    const failed = buildReport(runningRun().ended(1).state()).head;
    expect([failed.status, failed.endedBadly]).toEqual(['Failed: exit code 1', true]);
    const lost = buildReport(withLiveness(runningRun().state(), () => false)).head;
    expect([lost.running, lost.endedBadly]).toEqual([false, true]);
  });

  it('puts what limits an intact verdict beside it', () => {
    const run = new RunFixture().start(DIGITS_RULES).model(DIGITS, FROZEN_DIGITS);
    const cause = { kind: 'load' as const, text: 'setWeights() loaded it' };
    run.epochStarted(1, 1).epochEnded(1, {});
    run.verified(1, 11, [{ name: 'conv1/bias', verdict: 'rebased', cause }]).ended();
    const { head } = buildReport(run.state());
    expect(head.headline).toBe('12 frozen tensors intact over 1 epoch');
    expect(head.detail).toContain('conv1/bias');
  });

  it('gives parameters before and after in elements, and the folder as local only', () => {
    const { facts } = buildReport(intactRun().state()).head;
    const text = (label: string): string | undefined =>
      facts.find((fact) => fact.label === label)?.text;
    expect(text('Trainable parameters')).toBe('9,685 → 8,389 (86.6%)');
    expect(text('Engine')).toBe('TensorFlow.js 4.22.0, backend cpu');
    expect(text('Device')).toBe('CPU, pure JavaScript (8 × Intel Xeon)');
    expect(facts.filter(({ local }) => local).map(({ label }) => label)).toEqual(['Folder']);
  });
});

describe('the table', () => {
  it('has a letter for each tensor and epoch', () => {
    const [model] = buildReport(movedRun().state()).models;
    expect(cellsOf(model, 'conv1/kernel')).toBe('immmmm');
    expect(cellsOf(model, 'conv2/bias')).toBe('iiinbb');
    expect(cellsOf(model, 'bn1/gamma')).toBe('iiiiii');
    expect(cellsOf(model, 'logits/kernel')).toBe('tttttt');
  });

  it('shows an epoch under way as pending, and as not verified once the run is over', () => {
    const running = buildReport(runningRun().state()).models[0];
    expect(cellsOf(running, 'conv1/kernel')).toBe('iiiw');
    const killed = buildReport(withLiveness(runningRun().state(), () => false)).models[0];
    expect(cellsOf(killed, 'conv1/kernel')).toBe('iiin');
    expect(killed?.tone).toBe('not verified');
  });

  it('gives for each tensor the first time that it moved, before other findings', () => {
    const [model] = buildReport(movedRun().state()).models;
    const problem = (name: string): unknown =>
      model?.problems.find(({ row }) => row === ROWS.get(name));
    expect(problem('conv1/kernel')).toMatchObject({ epoch: 2, letter: 'm', source: 'train.js:31' });
    expect(problem('conv2/bias')).toMatchObject({
      ...{ epoch: 4, letter: 'n', text: 'its bytes could not be read' },
    });
    expect(problem('conv1/bias')).toBeUndefined();
  });

  it('warns when a layer with frozen statistics normalised with batch statistics', () => {
    const [model] = buildReport(movedRun().state()).models;
    expect(model?.layers).toEqual(['bn1', 'bn2']);
    expect(model?.columns.map(({ norms }) => norms)).toEqual(['RR', 'RB', 'RB', 'RB', 'RB', 'RB']);
    expect(model?.normWarning).toContain('bn2');
    expect(model?.normWarning).toContain('epoch 2');
    expect(buildReport(intactRun().state()).models[0]?.normWarning).toBeNull();
  });

  it('names trainable tensors that never moved', () => {
    const [model] = buildReport(movedRun().state()).models;
    expect(model?.unmoved).toEqual([ROWS.get('hidden/bias')]);
  });

  it('pairs a metric with its validation twin, the loss first, and tells a NaN', () => {
    const [model] = buildReport(movedRun().state()).models;
    expect(model?.charts.map(({ series }) => series.map(({ name }) => name))).toEqual([
      ['loss', 'val_loss'],
      ['acc', 'val_acc'],
    ]);
    expect(model?.charts[0]?.series[0]?.values[4]).toBeNull();
    expect(model?.charts[0]?.summary).toContain('NaN in epoch 5');
  });
});

describe('rules', () => {
  it('have the number of tensors that they match and freeze, and none before a model is seen', () => {
    const { rules } = buildReport(intactRun().state());
    expect(rules.map(({ matched, frozen }) => [matched, frozen])).toEqual([
      [4, 4],
      [8, 8],
    ]);
    const early = buildReport(new RunFixture().start(DIGITS_RULES).state()).rules;
    expect(early.map(({ matched }) => matched)).toEqual([null, null]);
  });
});

describe('several ranks', () => {
  const view = buildReport(rankedRun().state());
  const model = view.models[0];

  it('are one model with a verdict of each', () => {
    expect(view.models).toHaveLength(1);
    expect(model?.ranks).toEqual([
      { rank: 0, letter: 'i', text: '12 frozen intact over 3 epochs' },
      { rank: 1, letter: 'm', text: '1 frozen tensor moved' },
    ]);
    expect(cellsOf(model, 'conv1/kernel')).toBe('imm');
    expect(view.head.movements).toMatchObject([
      { name: 'conv1/kernel', when: 'epoch 2', ranks: 'rank 1' },
    ]);
    expect(model?.problems[0]?.text).toBe('rank 1 · 1 element, max |Δ| 1.0e+0');
  });

  it('that hold different values are told', () => {
    expect(model?.rankNote).toContain('ranks 0 and 1 hold different values of frozen tensors');
  });

  it('and their machines are facts', () => {
    const fact = (run: RunFixture): string | undefined =>
      buildReport(run.state()).head.facts.find(({ label }) => label === 'Ranks')?.text;
    expect(fact(rankedRun())).toBe('2 on 2 machines');
    expect(fact(rankedRun(4))).toBe('2 of 4 on 2 machines');
    expect(fact(intactRun(1))).toBeUndefined();
  });

  it('that verified less than the others lack what they did not verify', () => {
    const run = rankedRun();
    const cut = run.events.findLastIndex(
      ({ proc, type }) => proc === 'r1.4801' && type === 'verified',
    );
    run.events.splice(cut, 1);
    expect(buildReport(run.state()).models[0]?.ranks[1]?.text).toBe(
      '1 frozen tensor moved; 1 epoch not verified',
    );
  });

  it('leave no trace in the report of a process alone', () => {
    const [alone] = buildReport(intactRun(1).state()).models;
    expect(alone).toMatchObject({ ranks: [], rankNote: null });
  });
});

describe('the norm of the gradients', () => {
  it('has a curve and a fact, and tells a NaN', () => {
    const view = buildReport(rankedRun().state());
    expect(view.models[0]?.charts.at(-1)).toEqual({
      title: 'gradient norm',
      epochs: [1, 2, 3],
      series: [{ name: 'gradient norm', values: [1, 2, null] }],
      summary: '1 → NaN, NaN in epoch 3 (the largest of each epoch)',
    });
    expect(view.head.facts.find(({ label }) => label === 'Gradient norm')?.text).toContain(
      '1 → NaN',
    );
  });
});

describe('a message that offers rules', () => {
  it('names them as they would stand in the config, and which message it is', () => {
    const state = rankedRun().state();
    const [offer] = buildReport(state).notes.flatMap(({ offer }) => offer ?? []);
    if (offer?.kind !== 'rules') throw new Error(`it offers ${String(offer?.kind)}`);
    expect(offer.rules).toEqual(['"!bn2/**"', '{ "match": "bn1/**", "until": 2 }']);
    expect(state.messages[offer.message]?.rules).toHaveLength(2);
  });
});

describe('updates', () => {
  it('bring a view to what a fresh one would be, event by event', () => {
    for (const run of [
      movedRun(),
      intactRun(3),
      runningRun(),
      bigRun(40, 5),
      rankedRun(),
      engineRun(),
    ]) {
      let built = nextReport(null, initialState(run.id));
      let patched = built.view;
      for (const state of run.states()) {
        const next = nextReport(built, state);
        const patch = diffReports(built.view, next.view);
        if (patch !== null) {
          patched = applyPatch(patched, JSON.parse(JSON.stringify(patch)) as typeof patch);
        }
        expect(patched).toEqual(buildReport(state));
        built = next;
      }
    }
  });

  it('settle the last column when the run ends without a verdict', () => {
    const running = runningRun().state();
    const built = nextReport(null, running);
    const next = nextReport(
      built,
      withLiveness(running, () => false),
    );
    expect(applyPatch(built.view, diffReports(built.view, next.view) ?? {})).toEqual(next.view);
    expect(cellsOf(next.view.models[0], 'conv1/kernel')).toBe('iiin');
  });

  it('send nothing of the table for a progress event, whatever the size of the model', () => {
    const run = bigRun(10_000, 20);
    run.events.splice(-2);
    const states = run.epochStarted(21, 30).progress(21, 7, 60, 0.5).states();
    const [earlier, later] = states.slice(-2);
    if (earlier === undefined || later === undefined) throw new Error('no states');
    const one = nextReport(null, earlier);
    const two = nextReport(one, later);
    const patch = JSON.stringify(diffReports(one.view, two.view));
    expect(patch.length).toBeLessThan(300);
    const start = performance.now();
    for (let times = 0; times < 20; times++) nextReport(one, later);
    expect((performance.now() - start) / 20).toBeLessThan(10);
  });

  it('send one column for a verified epoch', () => {
    const states = bigRun(10_000, 20).states();
    const [earlier, later] = [states.at(-4), states.at(-3)];
    if (earlier === undefined || later === undefined) throw new Error('no states');
    const one = nextReport(null, earlier);
    const patch = diffReports(one.view, nextReport(one, later).view);
    expect(patch?.models?.[0]?.columns?.map(([position]) => position)).toEqual([19]);
    expect(JSON.stringify(patch).length).toBeLessThan(20_000);
  });

  it('build 10,000 tensors by 100 epochs from nothing in bounded time and size', () => {
    const state = bigRun(10_000, 100).state();
    const start = performance.now();
    const size = JSON.stringify(buildReport(state)).length;
    expect(performance.now() - start).toBeLessThan(5000);
    expect(size).toBeLessThan(6_000_000);
  });
});

describe('names from a run', () => {
  it('show control and bidirectional characters', () => {
    const name = 'conv\u202e1/\u0007kernel';
    const [tensor] = DIGITS;
    if (tensor === undefined) throw new Error('no tensor');
    const run = new RunFixture().start(['"\u2066"']).model([{ ...tensor, name }], { [name]: 0 });
    const view = buildReport(run.state());
    expect(view.models[0]?.tensors[0]?.name).toBe('conv\\u202e1/\\u0007kernel');
    expect(view.rules[0]?.text).toBe('"\\u2066"');
  });
});
