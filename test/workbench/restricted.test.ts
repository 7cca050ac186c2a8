import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resnet, writeSafetensors } from './harness/checkpoints';
import { keepFailurePictures } from './harness/failurePicture';
import { gatedProject, type GatedProject } from './harness/gatedProject';
import { Workbench } from './harness/workbench';
import { until } from './harness/until';

/** It compiles and runs what it loads. */
const SET_UP = ['permafrost.setUpEngine', 'Permafrost: Set Up GPU Engine'] as const;

const CONFIG = { command: 'node train.js 3', freeze: ['first/kernel'] };

let project: GatedProject;
let workbench: Workbench;

const tensor = (name: string, kind: string): unknown => {
  return { name, kind, module: 'first', type: 'Dense', dtype: 'float32', shape: [3, 4] };
};
/** As an earlier inspection left it. */
const INSPECTION = {
  version: 1,
  framework: 'tensorflow.js',
  source: 'node train.js 3',
  time: 1,
  models: [
    {
      name: 'net',
      className: 'Sequential',
      tensors: [tensor('first/kernel', 'parameter'), tensor('first/bias', 'parameter')],
    },
  ],
};

beforeAll(async () => {
  project = await gatedProject(CONFIG);
  await mkdir(join(project.folder, '.permafrost'));
  await writeFile(join(project.folder, '.permafrost', 'model.json'), JSON.stringify(INSPECTION));
  workbench = await Workbench.launch({ folder: project.folder, trusted: false });
});

afterAll(async () => {
  await workbench.close();
  await project.dispose();
});

keepFailurePictures(() => workbench);

test('in Restricted Mode the tree can be read, nothing is run, and both are said', async () => {
  await workbench.openView();
  await workbench.untilRow(['first'], (row) => row.description.includes('1 of 2 frozen'));
  const sidebar = workbench.page.locator('.part.sidebar');
  await sidebar.getByText(/Restricted Mode: parameters can be read/).waitFor();
  for (const [id, title] of [
    ['permafrost.runTraining', 'Permafrost: Run Training'],
    ['permafrost.inspectModel', 'Permafrost: Inspect Model'],
  ] as const) {
    await workbench.runCommand(id, title);
    await workbench.notification(/Nothing is run in Restricted Mode/).waitFor();
    await workbench.execute('notifications.clearAll');
  }
  expect(await project.runs()).toEqual([]);
  expect(await workbench.offersCommand(...SET_UP)).toBe(false);
});

test('in Restricted Mode a checkpoint is listed and opened, since nothing of it is run', async () => {
  const file = join(project.folder, 'weights.safetensors');
  writeSafetensors(file, resnet(), new Date());
  await workbench.host(
    'await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(args))',
    file,
  );
  await workbench.reportFrame().locator('h1', { hasText: 'weights.safetensors' }).waitFor();
  await workbench.reportFrame().getByRole('button', { name: 'Open in Parameter Tree' }).click();
  await workbench.untilRow(['layer1'], (row) => row.description.includes('20 tensors'));
  // The tree does not wait for the config.
  await until(
    'the model in the config',
    () => project.config(),
    (text) => text.includes('"model": "weights.safetensors"'),
  );
  await workbench.execute('workbench.action.closeAllEditors');
  await project.setConfig(CONFIG);
  await workbench.untilRow(['first'], (row) => row.description.includes('1 of 2 frozen'));
});

test('trusting the folder makes it run without a reload', async () => {
  await workbench.runCommand('workbench.trust.manage', 'Workspaces: Manage Workspace Trust');
  await workbench.page
    .locator('.workspace-trust-editor')
    .getByRole('button', { name: 'Trust', exact: true })
    .first()
    .click();
  await workbench.page
    .locator('.part.sidebar')
    .getByText(/Restricted Mode: parameters/)
    .waitFor({ state: 'hidden' });
  project.open(3);
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  await workbench.notification(/intact over 3 epochs/).waitFor();
});
