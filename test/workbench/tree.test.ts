import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { keepFailurePictures } from './harness/failurePicture';
import { gatedProject, type GatedProject } from './harness/gatedProject';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

const COMMAND = 'node train.js 3';
const rules = (...freeze: readonly unknown[]): string =>
  `${JSON.stringify({ command: COMMAND, freeze }, null, 2)}\n`;
const EMPTY = rules();

let project: GatedProject;
let workbench: Workbench;

beforeAll(async () => {
  project = await gatedProject({ command: COMMAND, freeze: [] });
  workbench = await Workbench.launch({ folder: project.folder });
  await workbench.openView();
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  await workbench.row('last');
  await workbench.expand('norm');
  await workbench.row('norm', 'running statistics');
});

afterAll(async () => {
  await workbench.close();
  await project.dispose();
});

beforeEach(async () => {
  // A tick of the test before may be on its way to the disk.
  const saved = 'return vscode.workspace.textDocuments.every((document) => !document.isDirty)';
  await until('saved documents', () => workbench.host(saved), Boolean);
  await workbench.execute('workbench.action.closeAllEditors');
  await workbench.execute('notifications.clearAll');
  await project.setConfig(EMPTY);
  for (const name of ['first', 'norm', 'last']) {
    await workbench.untilRow(
      [name],
      (row) => row.checked === false && !/frozen/.test(row.description),
    );
  }
});

const frozenRules = async (accept: (freeze: unknown[]) => boolean): Promise<unknown[]> =>
  until(
    'the rules on the disk',
    () => (JSON.parse(project.config()) as { freeze: unknown[] }).freeze,
    accept,
  );
const some = (freeze: unknown[]): boolean => freeze.length > 0;

keepFailurePictures(() => workbench);

test('every row and checkbox tells a screen reader what it is and whether it is frozen', async () => {
  await workbench.tick('norm', 'gamma');
  await workbench.untilRow(['norm'], (row) => row.description.includes('1 of 4 frozen'));
  const rows = await workbench.treeRows();
  for (const row of rows.filter((each) => each.view === 'Parameters')) {
    expect(row.spoken).toMatch(/, (not frozen|partly frozen|frozen), /);
    expect(row.spokenCheckbox).toMatch(/^Freeze /);
  }
  expect((await workbench.row('norm')).spoken).toMatch(/^norm, partly frozen/);
  expect((await workbench.row('norm', 'gamma')).spokenCheckbox).toBe('Freeze norm/gamma');
});

test('an edit by hand on the disk shows in the tree at once', async () => {
  await project.setConfig(rules('norm/**', '!norm/beta'));
  await workbench.untilRow(['norm'], (row) => row.description.includes('3 of 4 frozen'), 3_000);
  expect((await workbench.row('norm', 'running statistics')).checked).toBe(true);
  expect((await workbench.row('norm', 'beta')).checked).toBe(false);
});

test('an edit right after a change on the disk keeps both, while the file is open', async () => {
  await workbench.execute('permafrost.openConfig');
  for (const name of ['first/**', 'last/**', 'first/kernel', 'last/kernel']) {
    writeFileSync(join(project.folder, 'permafrost.json'), rules(name));
    await workbench.execute('permafrost.freezeBatchNormStatistics');
    expect(await frozenRules((freeze) => freeze.length === 2)).toEqual([
      name,
      { match: '**', type: '*BatchNorm*', tensors: 'statistics' },
    ]);
  }
});

test('a tick can be undone in the config, and the tree follows', async () => {
  await workbench.execute('permafrost.openConfig');
  await workbench.page.locator('.editor-instance .view-lines').first().click();
  await workbench.tick('norm', 'gamma');
  expect(await frozenRules(some)).toEqual(['norm/gamma']);
  await workbench.undo();
  await workbench.untilRow(['norm', 'gamma'], (row) => row.checked === false);
  await until(
    'the config as it was',
    async () => {
      // A save that comes while the extension's own is under way may be dropped.
      await workbench.page.keyboard.press('Control+S');
      return project.config();
    },
    (text) => text === EMPTY,
  );
});

test('BatchNorm statistics freeze together by one checkbox', async () => {
  await workbench.tick('norm', 'running statistics');
  await workbench.untilRow(['norm'], (row) => row.description.includes('2 of 4 frozen'));
  const freeze = await frozenRules(some);
  expect(freeze).toHaveLength(1);
  await workbench.tick('norm', 'running statistics');
  await until(
    'the config as it was',
    () => project.config(),
    (text) => text === EMPTY,
  );
});

test('Space toggles the focused row, and all selected ones together', async () => {
  await (await workbench.treeRow('norm', 'gamma')).locator('.label-name').click();
  await workbench.page.keyboard.press('Space');
  expect(await frozenRules(some)).toEqual(['norm/gamma']);
  await workbench.page.keyboard.press('Space');
  await until(
    'the config as it was',
    () => project.config(),
    (text) => text === EMPTY,
  );

  await workbench.page.keyboard.press('Shift+ArrowDown');
  await workbench.page.keyboard.press('Space');
  await workbench.untilRow(['norm', 'beta'], (row) => row.checked === true);
  expect((await workbench.row('norm', 'gamma')).checked).toBe(true);
  expect((await workbench.row('norm', 'running statistics')).checked).toBe(false);
});

test('the keyboard alone reaches the tree, ticks, and undoes', async () => {
  await workbench.page.keyboard.press('F1');
  await workbench.page.keyboard.type('Permafrost: Focus on Parameters View', { delay: 5 });
  await workbench.page.locator('[data-quick-input-id="permafrost.parameters.focus"]').waitFor();
  await workbench.page.keyboard.press('Enter');
  await workbench.page.keyboard.press('Escape');
  await workbench.page.keyboard.press('Home');
  await workbench.untilRow(['first'], (row) => row.focused);
  await workbench.page.keyboard.press('Space');
  expect(await frozenRules(some)).toEqual(['first/**']);
  await workbench.untilRow(['first'], (row) => row.checked === true);
  await workbench.page.keyboard.press('Space');
  await until(
    'the config as it was',
    () => project.config(),
    (text) => text === EMPTY,
  );
});

test('the filter leaves matching tensors with their groups, and ticks still count', async () => {
  await workbench.runCommand('permafrost.filterParameters', 'Permafrost: Filter Parameters');
  await workbench.answer('kernel');
  const shown = await until(
    'the filtered tree',
    async () => (await workbench.treeRows()).filter((row) => row.view === 'Parameters'),
    (rows) => rows.length === 4,
  );
  expect(shown.map((row) => row.path.join('/'))).toEqual([
    'first',
    'first/kernel',
    'last',
    'last/kernel',
  ]);
  await workbench.tick('last', 'kernel');
  expect(await frozenRules(some)).toEqual(['last/kernel']);
  await workbench.runCommand('permafrost.clearFilter', 'Permafrost: Clear Filter');
  await workbench.expand('norm');
});

test('every tree action has a twin in the palette', async () => {
  await workbench.runCommand('permafrost.freezeByPattern', 'Permafrost: Freeze by Pattern');
  await workbench.answer('*/bias');
  expect(await frozenRules((freeze) => freeze.length === 1)).toEqual(['*/bias']);
  await workbench.runCommand(
    'permafrost.freezeBatchNormStatistics',
    'Permafrost: Freeze BatchNorm Statistics',
  );
  expect(await frozenRules((freeze) => freeze.length === 2)).toEqual([
    '*/bias',
    { match: '**', type: '*BatchNorm*', tensors: 'statistics' },
  ]);
  await workbench.runCommand('permafrost.trainOnly', 'Permafrost: Train Only');
  await workbench.answer('last/**');
  await frozenRules((freeze) => freeze.includes('!last/**'));
  await workbench.untilRow(['last'], (row) => !/frozen/.test(row.description));
  await workbench.untilRow(['first'], (row) => row.checked === true);
  await workbench.runCommand('permafrost.thawAll', 'Permafrost: Thaw All');
  await frozenRules((freeze) => freeze.length === 0);
  await workbench.runCommand('permafrost.freezeSelected', 'Permafrost: Freeze Selected');
  await workbench.quickPick('gamma');
  await workbench.page.keyboard.press('Enter');
  await workbench.untilRow(['norm', 'gamma'], (row) => row.checked === true);
});

test('a tick while the config is broken is refused with the place, and the file is not touched', async () => {
  const broken = '{\n  "command": "node train.js 3",\n  "freeze": ["first/**",\n}\n';
  writeFileSync(join(project.folder, 'permafrost.json'), broken);
  const rows = async (): Promise<string> => JSON.stringify(await workbench.treeRows());
  await until('the problem in the tree', rows, (text) => text.includes('permafrost.json:3'));
  await workbench.tick('last');
  await workbench.notification(/Not changed: permafrost\.json has an error in line 3/).waitFor();
  await workbench.untilRow(['last'], (row) => row.checked === false);
  expect(project.config()).toBe(broken);
});

test('a rule that matches nothing is underlined and names the nearest tensors', async () => {
  await project.setConfig(rules('frist/**'));
  const diagnostics = `
    return vscode.languages.getDiagnostics()
      .filter(([uri]) => uri.path.endsWith('permafrost.json'))
      .flatMap(([, list]) => list.map((d) => [d.message, d.range.start.line]))`;
  const found = await until(
    'the problem of the rule',
    async () => (await workbench.host(diagnostics)) as [string, number][],
    (list) => list.some(([message]) => message.includes('frist')),
  );
  expect(found[0]?.[0]).toContain('first');
  expect(found[0]?.[1]).toBe(3);
});
