import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inspection } from '../../../src/model/inspection';
import type { RunEvent } from '../../../src/runs/events';
import { eventsFile, inspectionFile, runDirectory } from '../../../src/runs/paths';
import { listRuns, loadRun, readInspection } from '../../../src/runs/store';
import * as on from './eventFixtures';

/** Larger than any process id of Linux (pid_max is at most 2^22). */
const DEAD = 2 ** 22 + 1;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost store '));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(id: string, events: readonly RunEvent[], rest = ''): Promise<void> {
  await mkdir(runDirectory(folder, id), { recursive: true });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await writeFile(eventsFile(runDirectory(folder, id)), lines + rest);
}

const finished = [on.runStarted(), on.model(), ...on.epoch(1), on.runEnded(0)];

describe('the runs of a project', () => {
  it('are none in a folder without any', async () => {
    expect(await listRuns(folder)).toEqual([]);
  });

  it('are listed newest first', async () => {
    await write('20260101-000000-0002', finished);
    await write('20260101-000000-0001', finished);
    await write('20270101-000000-0000', [on.runStarted({ pid: process.pid })]);
    const runs = await listRuns(folder);
    expect(runs.map(({ id, state }) => [id, state.status])).toEqual([
      ['20270101-000000-0000', 'starting'],
      ['20260101-000000-0002', 'finished'],
      ['20260101-000000-0001', 'finished'],
    ]);
  });

  it('are found by id and as the latest', async () => {
    await write('20260101-000000-0001', finished);
    await write('20260101-000000-0002', finished);
    expect((await loadRun(folder, '20260101-000000-0001')).id).toBe('20260101-000000-0001');
    expect((await loadRun(folder, 'latest')).id).toBe('20260101-000000-0002');
  });

  it('are named when another is asked for', async () => {
    await write('20260101-000000-0001', finished);
    await expect(loadRun(folder, '../../etc')).rejects.toThrow(
      'There is no run ../../etc; there are 20260101-000000-0001.',
    );
  });

  it('are lost when killed, and keep their verdict', async () => {
    const events = [on.runStarted({ pid: DEAD }), on.model(), ...on.epoch(1), on.epochStarted(2)];
    await write('r', events, '{"v":1,"type":"prog');
    expect((await loadRun(folder, 'r')).state).toMatchObject({
      status: 'lost',
      garbledLines: 0,
      verdict: { kind: 'intact', tensors: 2, epochs: 1 },
    });
  });

  it('may have garbled lines, which are counted', async () => {
    await write('r', finished, 'garbage\n\u0000\u0001\n');
    expect((await loadRun(folder, 'r')).state).toMatchObject({
      status: 'finished',
      garbledLines: 2,
      verdict: { kind: 'not verified' },
    });
  });

  it('may have a file for each rank', async () => {
    const rank = (number: number, events: readonly RunEvent[]): readonly RunEvent[] =>
      events.map((event) => ({ ...event, proc: `r${String(number)}.${String(number + 7)}` }));
    const whole = [on.model(), ...on.epoch(1)];
    await write('r', [on.runStarted(), ...rank(0, whole), on.runEnded(0)]);
    const file = join(runDirectory(folder, 'r'), 'events.rank1.jsonl');
    const lines = rank(1, whole).map((event) => `${JSON.stringify(event)}\n`);
    await writeFile(file, lines.join(''));
    const { state } = await loadRun(folder, 'r');
    expect(state).toMatchObject({ status: 'finished', verdict: { kind: 'intact', tensors: 2 } });
    expect(state.models.map(({ ranks }) => ranks.length)).toEqual([2]);
  });

  it('may lack their events', async () => {
    await mkdir(runDirectory(folder, 'r'), { recursive: true });
    expect((await loadRun(folder, 'r')).state).toMatchObject({ id: 'r', status: 'starting' });
  });
});

describe('the last inspection', () => {
  const inspection: Inspection = {
    version: 1,
    framework: 'tensorflow.js',
    source: 'node train.js',
    time: 5,
    models: [
      {
        name: 'net',
        className: 'Sequential',
        tensors: [
          {
            name: 'a/kernel',
            aliases: ['b'],
            kind: 'parameter',
            module: 'a',
            type: 'Dense',
            dtype: 'float32',
            shape: [2, 3],
          },
        ],
        copyOf: 'other',
      },
    ],
  };

  async function writeInspection(text: string): Promise<string> {
    const file = inspectionFile(folder);
    await mkdir(join(folder, '.permafrost'), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  it('is null when there is none', async () => {
    expect(await readInspection(inspectionFile(folder))).toBeNull();
  });

  it('is read as it was written', async () => {
    const file = await writeInspection(JSON.stringify(inspection));
    expect(await readInspection(file)).toEqual(inspection);
  });

  it('that is garbled is refused with file and place', async () => {
    const file = await writeInspection('{\n  "version": 1,\n  "models": [}\n');
    await expect(readInspection(file)).rejects.toThrow(`${file}:3:14: not JSON`);
  });

  it('of another version is refused', async () => {
    const file = await writeInspection(JSON.stringify({ ...inspection, version: 2 }));
    await expect(readInspection(file)).rejects.toThrow(/"version"/);
  });
});
