import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRuns, loadRun } from '../../src/runs/store';
import { makeProject, permafrost, TRAINER } from './project';

let folder: string;

beforeAll(async () => {
  folder = await makeProject({
    'permafrost.json': '{ "freeze": ["a", "b"] }',
    'good.js': `${TRAINER} epoch(1); epoch(2);`,
    'bad.js': `${TRAINER} epoch(1); epoch(2, [moved('a')]);`,
  });
  await permafrost(folder, 'run', 'node', 'bad.js');
  // Ids sort by the second.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await permafrost(folder, 'run', 'node', 'good.js');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('permafrost runs', () => {
  it('lists the runs newest first with status and verdict', async () => {
    const [good, bad] = await listRuns(folder);
    const { code, stdout } = await permafrost(folder, 'runs');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        `${good?.id ?? ''}  finished   2 frozen tensors intact over 2 epochs.\n` +
        `${bad?.id ?? ''}  finished   1 frozen tensor moved: a in epoch 2 (1 element, max |Δ| 1.0e-7).\n`,
    });
  });

  it('as JSON gives ids, directories, status and verdict', async () => {
    const { stdout } = await permafrost(folder, 'runs', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      { command: 'node good.js', status: 'finished', exitCode: 0, verdict: { kind: 'intact' } },
      { command: 'node bad.js', verdict: { kind: 'moved', movements: [{ name: 'a', epoch: 2 }] } },
    ]);
  });

  it('says that there are none', async () => {
    const empty = await makeProject({});
    expect(await permafrost(empty, 'runs')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `permafrost: no runs in ${empty}\n`,
    });
    expect(await permafrost(empty, 'runs', '--json')).toMatchObject({ code: 0, stdout: '[]\n' });
    await rm(empty, { recursive: true });
  });
});

describe('permafrost report', () => {
  it('tells the latest run as text', async () => {
    const { code, stdout } = await permafrost(folder, 'report');
    expect(code).toBe(0);
    const { id } = await loadRun(folder, 'latest');
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^run ${id}, \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$`));
    expect(lines.slice(1)).toEqual([
      'node good.js',
      'Finished.',
      '2 frozen tensors intact over 2 epochs.',
      '',
      'net (Sequential)',
      '  epoch 1/2: 2 frozen intact',
      '  epoch 2/2: 2 frozen intact',
      '',
      `.permafrost/runs/${id}`,
      '',
    ]);
  });

  it('tells another run by its id', async () => {
    const bad = (await listRuns(folder))[1]?.id ?? '';
    const { stdout } = await permafrost(folder, 'report', bad);
    expect(stdout).toContain('epoch 2/2: a moved (1 element, max |Δ| 1.0e-7); 1 intact');
  });

  it('prints the run state as JSON', async () => {
    const { stdout } = await permafrost(folder, 'report', 'latest', '--json');
    expect(JSON.parse(stdout)).toEqual((await loadRun(folder, 'latest')).state);
  });

  it('prints Markdown', async () => {
    const { code, stdout } = await permafrost(folder, 'report', '--markdown');
    expect(code).toBe(0);
    expect(stdout).toContain('2 frozen tensors intact over 2 epochs.');
  });

  it('writes an HTML page that stands alone', async () => {
    const { code } = await permafrost(folder, 'report', '--html', 'out.html');
    expect(code).toBe(0);
    const page = await readFile(join(folder, 'out.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('2 frozen tensors intact over 2 epochs');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('works from another folder with --config', async () => {
    const { code, stdout } = await permafrost(
      '/',
      'report',
      '--config',
      join(folder, 'permafrost.json'),
    );
    expect(code).toBe(0);
    expect(stdout).toContain((await loadRun(folder, 'latest')).id);
  });

  it('names the runs that there are when another is asked for', async () => {
    const { code, stderr } = await permafrost(folder, 'report', 'x');
    const known = (await listRuns(folder)).map(({ id }) => id);
    expect([code, stderr]).toEqual([
      1,
      `permafrost: error: There is no run x; there are ${known.join(', ')}.\n`,
    ]);
  });
});
