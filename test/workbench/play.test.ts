import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { extensionState } from './harness/extensionState';
import { keepFailurePictures } from './harness/failurePicture';
import { processesOf } from './harness/processes';
import { scratchFolder, type Scratch } from './harness/scratch';
import { PYTHON } from './harness/torch';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

/** Trains nothing, so that it needs no torch; says who runs it. */
const SCRIPT = `import sys
print("trained by", sys.argv[0])
for step in range(3):
    pass
`;
const PROGRAMS = ['bash', 'sh', 'env', 'cat', 'ls', 'sed', 'ps', 'uname', 'dirname', 'readlink'];

let project: Scratch;
let programs: string;
let workbench: Workbench;

const configFile = (): string => join(project.folder, 'permafrost.json');
const command = (): unknown =>
  (JSON.parse(readFileSync(configFile(), 'utf8')) as { command?: unknown }).command;
const input = () => workbench.page.locator('.quick-input-widget:visible .quick-input-box input');

beforeAll(async () => {
  project = await scratchFolder({
    'train.py': SCRIPT,
    'finetune.py': SCRIPT,
    '.venv/bin/python': `#!/bin/sh\nexec ${PYTHON} "$@"\n`,
  });
  await chmod(join(project.folder, '.venv', 'bin', 'python'), 0o755);
  programs = await mkdtemp(join(tmpdir(), 'permafrost-programs-'));
  for (const name of PROGRAMS) symlinkSync(join('/bin', name), join(programs, name));
  workbench = await Workbench.launch({
    folder: project.folder,
    extensions: ['pythonExtension'],
    // Who trains with Python need not have a Node.
    path: programs,
  });
});

afterAll(async () => {
  await workbench.close();
  await project.dispose();
  await rm(programs, { recursive: true });
});

afterEach(async () => {
  await until(
    'the end of the run',
    async () => (await extensionState(workbench)).liveRuns.length,
    (count) => count === 0,
  );
  await workbench.execute('workbench.action.closeAllEditors');
  await workbench.execute('notifications.clearAll');
  await rm(configFile(), { force: true });
  await until(
    'no config',
    () => extensionState(workbench),
    (state) => state.configText === null,
  );
});

keepFailurePictures(() => workbench);

async function open(name: string): Promise<void> {
  const show = 'await vscode.window.showTextDocument(vscode.Uri.file(args))';
  await workbench.host(show, join(project.folder, name));
}

async function untilPrinted(words: string): Promise<void> {
  await until(
    'the output',
    () => workbench.terminalText(),
    (text) => text.includes(words),
  );
}

const play = () =>
  workbench.page.locator('.editor-actions').getByRole('button', { name: 'Run Training' });

test('the play button on train.py proposes the virtual environment, and needs no node on PATH', async () => {
  await open('train.py');
  await play().click();
  await until(
    'the proposal',
    () => input().inputValue(),
    (text) => text === '.venv/bin/python train.py',
  );
  await input().press('End');
  await input().pressSequentially(' --epochs 2');
  await input().press('Enter');
  await untilPrinted('trained by train.py');
  expect(command()).toBe('.venv/bin/python train.py --epochs 2');
  const path = await workbench.host('return process.env.PATH');
  expect(path).toContain(programs);
  expect(path).not.toContain('/usr/bin');
});

test('several scripts are offered as a list', async () => {
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  const rows = workbench.page.locator('.quick-input-widget:visible .monaco-list-row');
  await rows.first().waitFor();
  expect((await rows.allInnerTexts()).map((text) => text.trim())).toEqual([
    '.venv/bin/python train.py',
    '.venv/bin/python finetune.py',
    'Another Command…',
  ]);
  await workbench.quickPick('finetune.py');
  await input().press('Enter');
  await untilPrinted('trained by finetune.py');
  expect(command()).toBe('.venv/bin/python finetune.py');
});

test('the interpreter that is chosen in the Python extension comes first', async () => {
  mkdirSync(join(project.folder, '.vscode'), { recursive: true });
  writeFileSync(
    join(project.folder, '.vscode', 'settings.json'),
    JSON.stringify({ chosenPython: PYTHON }),
  );
  const read = `return vscode.workspace.getConfiguration().get('chosenPython')`;
  await until(
    'the setting',
    () => workbench.host(read),
    (value) => value === PYTHON,
  );
  await open('train.py');
  await play().click();
  await until(
    'the proposal',
    () => input().inputValue(),
    (text) => text === `${PYTHON} train.py`,
  );
  await input().press('Escape');
  await rm(join(project.folder, '.vscode'), { recursive: true });
});

test('the command of permafrost.json is run as it stands, and offered beside another script', async () => {
  const kept = `${PYTHON} train.py`;
  writeFileSync(configFile(), JSON.stringify({ command: kept, freeze: [] }));
  await until(
    'the config',
    () => extensionState(workbench),
    (state) => state.configText !== null,
  );
  await open('train.py');
  await play().click();
  await untilPrinted('trained by train.py');
  await workbench.execute('workbench.action.terminal.clear');
  await open('finetune.py');
  await play().click();
  await workbench.quickPick('the command of permafrost.json');
  await untilPrinted('trained by train.py');
  expect(command()).toBe(kept);
});

test('a script that Inspect Model finds no model in says why, and the log holds what it printed', async () => {
  writeFileSync(join(project.folder, 'broken.py'), 'print("so far")\nimport not_installed\n');
  writeFileSync(configFile(), JSON.stringify({ command: `${PYTHON} broken.py` }));
  await until(
    'the config',
    () => extensionState(workbench),
    (state) => state.configText !== null,
  );
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  const notice = workbench.notification(/broken\.py failed \(exit code 1\).*No module named/);
  await notice.waitFor();
  await notice.getByRole('button', { name: 'Show Log' }).click();
  await until(
    'the log',
    () => workbench.page.locator('.part.panel .view-lines').first().innerText(),
    (text) => /so.far/.test(text),
  );
});

test('Inspect Model can be cancelled, and leaves nothing behind', async () => {
  writeFileSync(join(project.folder, 'endless.py'), 'import time\ntime.sleep(600)\n');
  writeFileSync(configFile(), JSON.stringify({ command: `${PYTHON} endless.py` }));
  await until(
    'the config',
    () => extensionState(workbench),
    (state) => state.configText !== null,
  );
  const running = (): readonly number[] => processesOf(workbench.server.directory, 'endless.py');
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  await until('the script', running, (pids) => pids.length > 0);
  await workbench
    .notification(/Inspecting the model/)
    .getByRole('button', { name: 'Cancel' })
    .click();
  await until('the end of the script', running, (pids) => pids.length === 0);
  const inspections = join(project.folder, '.permafrost', 'inspections');
  await until(
    'no folder of the inspection',
    () => readdirSync(inspections),
    (names) => names.length === 0,
  );
});

test('Freeze Early BatchNorm says that a model has to be inspected first', async () => {
  await workbench.runCommand(
    'permafrost.freezeEarlyBatchNorm',
    'Permafrost: Freeze Early BatchNorm…',
  );
  const hint = workbench.notification(/No model is known yet/);
  await hint.getByRole('button', { name: 'Inspect Model' }).waitFor();
});
