import { describe, expect, it } from 'vitest';
import { inspectionFailure } from '../../../src/editor/model/inspectionFailure';
import { adviceOf } from '../../../src/editor/runs/adviceOf';
import { OutputTail } from '../../../src/runs/launch/outputTail';
import { runRow } from '../../../src/editor/runs/runRow';
import { statusView } from '../../../src/editor/runs/statusText';
import { initialState } from '../../../src/runs/reduce/reduce';
import type { ModelState, RunState } from '../../../src/runs/state';

const model: ModelState = {
  ...{ name: 'net', eventName: 'net', className: 'Sequential', proc: '7', tensors: [] },
  ...{ frozen: {}, matched: [], trainableBefore: 0, trainableAfter: 0, totalEpochs: 10 },
  ...{ attempt: 1, ranks: [] },
  epochs: [
    {
      ...{ epoch: 2, previous: 1, clock: 'fit', startedAt: 0, milliseconds: null, metrics: {} },
      ...{ verification: null, ranks: {} },
    },
  ],
  progress: { epoch: 2, batch: 30, batches: 40, loss: null },
};
const startedAt = new Date(2026, 10, 24, 18, 15, 3).getTime();
const intact: RunState = {
  ...initialState('20261124-181503-ab12'),
  ...{ startedAt, status: 'training', models: [model], command: 'node train.js' },
  verdict: { kind: 'intact', tensors: 14, epochs: 1 },
};
const moved: RunState = {
  ...intact,
  verdict: {
    kind: 'moved',
    movements: [
      { model: 'net', name: 'conv1/kernel', epoch: 2, elements: 1, maxDelta: 1e-7, cause: null },
    ],
  },
};

describe('statusView', () => {
  it('tells epoch, verdict and batch of a live run', () => {
    const { text, severity } = statusView(intact, true, 0);
    expect(text).toMatch(/^\$\(sync~spin\) 2\/10 · 14 frozen intact.* · 75%$/);
    expect(severity).toBe('none');
  });

  it('tells how many more runs are live', () => {
    expect(statusView(intact, true, 2).text).toMatch(/ \(\+2\)$/);
  });

  it('turns to an error when something moved, also while the run goes on', () => {
    expect(statusView(moved, true, 0)).toMatchObject({ severity: 'error' });
    expect(statusView(moved, true, 0).text).toMatch(/^\$\(error\)/);
  });

  it('warns of what was not verified', () => {
    const state: RunState = { ...intact, verdict: { kind: 'not verified', reason: 'no memory' } };
    expect(statusView(state, true, 0).severity).toBe('warning');
  });

  it('warns that no model was seen only when the run is over', () => {
    const state: RunState = { ...intact, models: [], verdict: { kind: 'no model' } };
    expect(statusView(state, true, 0).severity).toBe('none');
    expect(statusView(state, false, 0).severity).toBe('warning');
  });

  it('never marks a run that failed as passed', () => {
    const failed: RunState = { ...intact, status: 'failed' };
    expect(statusView(failed, false, 0).text).toMatch(/^\$\(warning\)/);
    expect(statusView({ ...intact, status: 'finished' }, false, 0).text).toMatch(/^\$\(pass\)/);
  });

  it('speaks without the icon', () => {
    expect(statusView(intact, true, 0).spoken).toMatch(/^Permafrost: 2\/10/);
  });
});

describe('runRow', () => {
  const now = new Date(startedAt + 60_000);

  it('shows the time of today, and the day of another day', () => {
    expect(runRow('x', intact, false, now).label).toBe('18:15:03');
    const later = new Date(startedAt + 86_400_000);
    expect(runRow('x', intact, false, later).label).toContain('Nov 24');
  });

  it('says once how a run ended that did not finish', () => {
    const failed: RunState = { ...intact, status: 'failed', exitCode: 1, endedAt: startedAt + 1 };
    expect(runRow('x', failed, false, now).description).toMatch(
      /^14 frozen.*failed \(exit code 1\)/,
    );
    expect(runRow('x', failed, false, now).description.match(/failed/g)).toHaveLength(1);
    expect(runRow('x', failed, false, now).icon).toBe('warning');
  });

  it('marks a run in which something moved as an error, whatever its end', () => {
    expect(runRow('x', { ...moved, status: 'finished' }, false, now).icon).toBe('error');
  });

  it('shows a run that cannot be read', () => {
    expect(runRow('some-id', undefined, false, now)).toMatchObject({
      label: 'some-id',
      icon: 'warning',
    });
  });
});

describe('adviceOf', () => {
  const message = (text: string, rules?: readonly string[]): RunState['messages'][number] => ({
    ...{ t: 1, level: 'warning', code: 'gradients-exploded', text, advice: 'Free bn2.', rules },
  });

  it('is the last message with rules, as sentences', () => {
    const messages = [message('Grew', ['a']), message('Grew in epoch 2', ['!b']), message('Other')];
    expect(adviceOf({ ...initialState('run'), messages })).toEqual({
      text: 'Grew in epoch 2. Free bn2.',
      rules: ['!b'],
    });
  });

  it('is nothing without a message that has rules', () => {
    expect(adviceOf({ ...initialState('run'), messages: [message('Other', [])] })).toBeUndefined();
  });
});

describe('inspectionFailure', () => {
  it('is what the command line says, in one text', () => {
    const output =
      'permafrost: error: no model was seen. Name the script that trains.\n' +
      'permafrost: warning: The hook did not load. Take -I out.\n';
    expect(inspectionFailure(output)).toBe(
      'No model was seen. Name the script that trains. The hook did not load. Take -I out.',
    );
  });

  it('names the error that the script died of', () => {
    const output =
      'Traceback (most recent call last):\n  File "train.py", line 1, in <module>\n' +
      "ModuleNotFoundError: No module named 'torch'\n" +
      'permafrost: error: python3 train.py failed (exit code 1)\n';
    expect(inspectionFailure(output)).toBe(
      "python3 train.py failed (exit code 1). ModuleNotFoundError: No module named 'torch'. " +
        'The log shows all that it printed.',
    );
  });

  it('says that the log tells more when the command line died itself', () => {
    expect(inspectionFailure('')).toBe('No model was seen. The log shows all that was printed.');
  });

  it('never becomes longer than a notification', () => {
    const output = `${'x'.repeat(5000)}\npermafrost: error: ${'y'.repeat(5000)}\n`;
    expect(inspectionFailure(output).length).toBeLessThan(700);
  });
});

describe('OutputTail', () => {
  it('keeps the end of a long output', () => {
    const tail = new OutputTail(64 * 1024);
    for (let index = 0; index < 1000; index++) {
      tail.push(Buffer.from(`${String(index).padStart(999)}\n`));
    }
    expect(tail.text.endsWith('999\n')).toBe(true);
    expect(tail.text.length).toBeLessThan(70_000);
    expect(tail.text.length).toBeGreaterThan(60_000);
  });
});
