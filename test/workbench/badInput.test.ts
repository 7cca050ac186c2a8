import { readFileSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { extensionState } from './harness/extensionState';
import { gatedProject, type GatedProject } from './harness/gatedProject';
import { CONFIG, untilStatus, useGatedWorkbench } from './harness/gatedWorkbench';
import { processesOf } from './harness/processes';
import { headline, intactEpochs } from './harness/report';
import { until } from './harness/until';
import type { Workbench } from './harness/workbench';

let project: GatedProject;
let workbench: Workbench;

useGatedWorkbench((...own) => {
  [project, workbench] = own;
});

/** Starts the training, waits until the window knows the new run, and returns its id. */
async function play(): Promise<string> {
  const before = await project.runs();
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  const known = async (): Promise<readonly string[]> => (await extensionState(workbench)).runs;
  const runs = await until('a new run', known, (ids) => ids.length > before.length);
  return runs[0] ?? '';
}

/** Opens the report of the run in the status bar and waits for `words` on top. */
async function reportSays(words: string): Promise<void> {
  await workbench.statusItem().click();
  await until(
    'the verdict',
    () => headline(workbench),
    (text) => text.includes(words),
  );
}

test('a command that does not exist is a failed run that saw no model', async () => {
  await project.setConfig({ ...CONFIG, command: 'no-such-trainer train.js' });
  await play();
  await workbench.notification(/No model was seen/).waitFor();
  await untilStatus(workbench, 'no model seen');
  await reportSays('No model');
});

test('a script without TensorFlow.js gets "no model seen", never "intact"', async () => {
  await writeFile(join(project.folder, 'plain.js'), "console.log('nothing to train here');\n");
  await project.setConfig({ ...CONFIG, command: 'node plain.js' });
  await play();
  await workbench.notification(/No model was seen/).waitFor();
  await untilStatus(workbench, 'no model seen');
  await reportSays('No model');
  expect(await workbench.statusText()).not.toContain('intact');
});

test('a script that crashes in epoch 2 keeps the verdict of epoch 1 and is marked failed', async () => {
  await project.setConfig({ ...CONFIG, command: 'node train.js 3 2' });
  project.open(3);
  await play();
  await untilStatus(workbench, 'failed');
  await reportSays('');
  // Epoch 2 had begun, so it is compared too, as the process ends.
  await until(
    'its verdicts',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 2,
  );
  expect(await workbench.reportFrame().locator('body').innerText()).toMatch(/Failed/);
  expect(await workbench.terminalText()).toContain('crashed on purpose');
});

test('kill -9 of everything leaves the verdicts so far, and the run is lost', async () => {
  await play();
  project.open(1);
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  await workbench.statusItem().click();
  await until(
    'the first verdict',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 1,
  );
  const processes = processesOf(workbench.server.directory, 'train');
  for (const part of ['cli.js', 'train.js']) {
    for (const pid of processesOf(workbench.server.directory, part)) process.kill(pid, 'SIGKILL');
  }
  expect(processes.length).toBeGreaterThan(0);
  await untilStatus(workbench, 'lost');
  await until(
    'the end in the report',
    () => workbench.reportFrame().locator('body').innerText(),
    (text) => text.includes('Lost'),
  );
  expect(await intactEpochs(workbench, 'first/kernel')).toBe(1);
  await workbench.notification(/killed or its end was not seen in epoch 2/).waitFor();
});

test('garbled lines in the events are counted, and the rest still shows', async () => {
  const id = await play();
  project.open(1);
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  await workbench.statusItem().click();
  await project.append(id, '\u0000\u0001 not JSON {]\n{"v":1,"type":"verified","epoch":"two"}\n');
  project.open(3);
  await until(
    'all verdicts',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 3,
  );
  expect(await workbench.reportFrame().locator('body').innerText()).toMatch(/2 lines/);
});

test('a truncated or deleted events file is not taken for a proof', async () => {
  const id = await play();
  project.open(2);
  await untilStatus(workbench, '3/3 · 6 frozen intact');
  await workbench.statusItem().click();
  await until(
    'two verdicts',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 2,
  );
  const whole = readFileSync(project.events(id), 'utf8').split('\n');
  const modelLine = whole.findIndex((line) => line.includes('"type":"model"'));
  await truncate(project.events(id), Buffer.byteLength(whole.slice(0, modelLine).join('\n')) + 1);
  await until(
    'no verdict',
    () => intactEpochs(workbench, 'first/kernel'),
    (n) => n === 0,
  );
  expect(await headline(workbench)).not.toContain('intact');
  await rm(project.events(id));
  project.open(3);
  await until(
    'the end of the processes',
    () => processesOf(workbench.server.directory, 'train.js'),
    (pids) => pids.length === 0,
  );
  expect(await workbench.statusText()).not.toContain('intact');
});

test('a rule that matches nothing stops the run before it starts, and names the nearest tensor', async () => {
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  await workbench.row('last');
  await project.setConfig({ ...CONFIG, freeze: ['frist/**'] });
  const known = async (): Promise<string> =>
    JSON.stringify((await extensionState(workbench)).problems);
  await until('the problem', known, (text) => text.includes('frist'));
  const before = await project.runs();
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  const warning = workbench.notification(/permafrost\.json:\d+: .*frist.*first/s);
  await warning.waitFor();
  await warning.getByRole('button', { name: 'Open Config' }).click();
  await workbench.page.locator('.tab', { hasText: 'permafrost.json' }).waitFor();
  expect(await project.runs()).toEqual(before);
});

test('a folder that cannot be written is said, and nothing claims to have been verified', async () => {
  const other = await gatedProject({ ...CONFIG, command: 'node train.js 1' });
  // Root may write everywhere, but not into a file.
  await writeFile(join(other.folder, '.permafrost'), 'in the way');
  other.open(1);
  const window = await workbench.openWindow(other.folder);
  try {
    await window.openView();
    await window.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
    await until(
      'the reason in the terminal',
      () => window.terminalText(),
      (text) => /\.permafrost/.test(text),
    );
    expect(await window.statusText()).not.toContain('intact');
    await window.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
    await window.notification(/\.permafrost/).waitFor();
  } finally {
    await window.close();
    await other.dispose();
  }
});

test('without an open folder the view says what to do, and no command fails', async () => {
  const window = await workbench.openWindow();
  try {
    await window.openView();
    await window.page
      .locator('.part.sidebar')
      .getByText('Open the folder that holds your training script')
      .waitFor();
    await window.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
    await window.notification('No folder is open').waitFor();
    for (const command of ['thawAll', 'showReport', 'stopTraining', 'refresh', 'openConfig']) {
      await window.host('void vscode.commands.executeCommand(args)', `permafrost.${command}`);
    }
    await until(
      'the extension',
      async () => (await extensionState(window)).folder,
      (f) => f === null,
    );
  } finally {
    await window.close();
  }
});
