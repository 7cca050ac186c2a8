import { expect, test } from 'vitest';
import { extensionState } from './harness/extensionState';
import type { GatedProject } from './harness/gatedProject';
import { CONFIG, untilLive, untilStatus, useGatedWorkbench } from './harness/gatedWorkbench';
import { processesOf } from './harness/processes';
import { headline, intactEpochs } from './harness/report';
import { until } from './harness/until';
import type { Workbench } from './harness/workbench';

let project: GatedProject;
let workbench: Workbench;

useGatedWorkbench((...own) => {
  [project, workbench] = own;
});

const play = async (): Promise<void> =>
  workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');

test('a reload in the middle of a run adopts it and restores its report', async () => {
  await play();
  await untilLive(workbench, 1);
  project.open(1);
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  await workbench.statusItem().click();
  await until(
    'the first verdict',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 1,
  );

  await workbench.reload();
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  await until(
    'the report again',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 1,
  );
  project.open(3);
  await until(
    'all verdicts',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 3,
  );
  expect(await headline(workbench)).toContain('6 frozen tensors intact over 3 epochs');
  await untilStatus(workbench, '3/3 · 6 frozen intact');
});

test('the config edited during a run takes effect at the next one, and that is said', async () => {
  await play();
  await untilLive(workbench, 1);
  project.open(1);
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  await project.setConfig({ ...CONFIG, freeze: ['first/kernel'] });
  await workbench.notification(/takes effect at the next run/).waitFor();
  project.open(3);
  await untilStatus(workbench, '3/3 · 6 frozen intact');
  await untilLive(workbench, 0);

  project.open(0);
  await play();
  await untilLive(workbench, 1);
  project.open(3);
  await untilStatus(workbench, '3/3 · 1 frozen intact');
});

test('Stop ends the whole process tree and the run says that it was cancelled', async () => {
  await play();
  await untilLive(workbench, 1);
  project.open(1);
  await untilStatus(workbench, '2/3');
  const trainers = (): readonly number[] => processesOf(workbench.server.directory, 'train.js');
  expect(trainers().length).toBeGreaterThan(0);
  await workbench.runCommand('permafrost.stopTraining', 'Permafrost: Stop Training');
  await until('the end of all processes', trainers, (pids) => pids.length === 0);
  await untilLive(workbench, 0);
  await untilStatus(workbench, 'cancelled');
});

test('two runs at once are told apart', async () => {
  await play();
  await untilLive(workbench, 1);
  await play();
  await untilLive(workbench, 2);
  const { liveRuns } = await extensionState(workbench);
  expect(new Set(liveRuns.map(({ id }) => id)).size).toBe(2);
  await untilStatus(workbench, '(+1)');
  project.open(3);
  await untilLive(workbench, 0);
  const descriptions = async (): Promise<readonly string[]> =>
    (await workbench.treeRows())
      .filter((row) => row.view === 'Runs')
      .slice(0, 2)
      .map((row) => row.description);
  const both = '6 frozen tensors intact over 3 epochs.';
  await until('both verdicts', descriptions, (list) => list.join() === [both, both].join());
});

test('two windows on one folder show the same rules and the same run', async () => {
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  await workbench.row('last');
  const other = await workbench.openWindow(project.folder);
  try {
    await other.openView();
    await other.untilRow(['first'], (row) => row.checked === true);
    await other.tick('last');
    await workbench.untilRow(['last'], (row) => row.checked === true);
    expect(project.config()).toContain('last');

    await project.setConfig(CONFIG);
    await other.untilRow(['last'], (row) => row.checked === false);
    await play();
    await untilLive(workbench, 1);
    project.open(2);
    await until(
      'the run there',
      () => other.statusText(),
      (text) => text.includes('3/3 · 6 frozen intact'),
    );
    project.open(3);
    await until(
      'its end there',
      async () => (await extensionState(other)).liveRuns.length,
      (count) => count === 0,
    );
  } finally {
    await other.close();
  }
});
