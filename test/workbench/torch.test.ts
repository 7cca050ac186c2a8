import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { arrange } from './harness/arrange';
import { extensionState } from './harness/extensionState';
import { keepFailurePictures } from './harness/failurePicture';
import { ROOT } from './harness/installed';
import { headline, intactEpochs } from './harness/report';
import { sampleFolder, type Scratch } from './harness/scratch';
import { hasTorch, PYTHON } from './harness/torch';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

const EPOCHS = 8;
const COMMAND = `${PYTHON} train.py --epochs ${EPOCHS}`;
const rules = (...freeze: readonly unknown[]): string =>
  `${JSON.stringify({ command: COMMAND, freeze }, null, 2)}\n`;
const NORMS = 9;
const NORM = ['running_mean', 'running_var', 'num_batches_tracked'];

describe.skipIf(!hasTorch())('the PyTorch sample', () => {
  let sample: Scratch;
  let workbench: Workbench;

  const configFile = (): string => join(sample.folder, 'permafrost.json');
  const config = (): string => readFileSync(configFile(), 'utf8');
  const freezeRules = (): unknown => (JSON.parse(config()) as { freeze: unknown }).freeze;
  const frozen = async (): Promise<readonly string[]> =>
    Object.values((await extensionState(workbench)).frozen).flat();

  beforeAll(async () => {
    sample = await sampleFolder('pytorch-digits');
    writeFileSync(configFile(), rules());
    workbench = await Workbench.launch({ folder: sample.folder });
    await workbench.openView();
    await workbench.setTheme('dark');
    await workbench.page.getByRole('button', { name: 'Inspect Model' }).first().click();
    await workbench.untilRow(['fc'], () => true, 60_000);
  });

  afterAll(async () => {
    await workbench.close();
    await sample.dispose();
  });

  beforeEach(async () => {
    await workbench.execute('workbench.action.closeAllEditors');
    await workbench.execute('notifications.clearAll');
    writeFileSync(configFile(), rules());
    await until('nothing frozen', frozen, (names) => names.length === 0);
  });

  keepFailurePictures(() => workbench);

  test('shows its layers once it is inspected, and trains with BatchNorm statistics frozen alone', async () => {
    const rows = (await workbench.treeRows()).filter(({ view }) => view === 'Parameters');
    const groups = rows.filter(({ level }) => level === 1).map(({ label }) => label);
    expect(groups).toEqual(['conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'fc']);
    await workbench.expand('bn1');
    expect((await workbench.row('bn1')).description).toContain('BatchNorm2d');

    await workbench.tick('bn1', 'running statistics');
    await until('the rule', freezeRules, (found) => JSON.stringify(found) !== '[]');
    expect(freezeRules()).toEqual([{ match: 'bn1.**', tensors: 'statistics' }]);
    await workbench.untilRow(['bn1'], (row) => row.description.includes('3 of 5 frozen'));
    expect((await workbench.row('bn1', 'weight')).checked).toBe(false);

    await workbench.runCommand(
      'permafrost.freezeBatchNormStatistics',
      'Permafrost: Freeze BatchNorm Statistics',
    );
    await workbench.untilRow(['layer3'], (row) => row.description.includes('9 of 18 frozen'));
    await train();
    const count = NORMS * NORM.length;
    expect(await headline(workbench)).toContain(
      `${count} frozen tensors intact over ${EPOCHS} epochs`,
    );
    expect(await intactEpochs(workbench, 'bn1.running_mean')).toBe(EPOCHS);
    expect(await workbench.terminalText()).toMatch(/epoch \d+\/8: loss [\d.]+, accuracy 0\.\d+/);
    await arrange(workbench, 'conv1');
    await keep('torch-dark.png');
    expect(workbench.violations()).toEqual([]);
  });

  test('freezes the first BatchNorm layers up to the one that is picked, and thaws none', async () => {
    await freezeEarly('layer1.bn2', 'Running Statistics Only');
    await until('the rules', freezeRules, (found) => JSON.stringify(found) !== '[]');
    expect(freezeRules()).toEqual([
      { match: 'bn1.**', tensors: 'statistics' },
      { match: 'layer1.**', tensors: 'statistics' },
    ]);
    const early = ['bn1', 'layer1.bn1', 'layer1.bn2'];
    const statistics = early.flatMap((module) => NORM.map((part) => `${module}.${part}`));
    await until('the frozen statistics', frozen, (names) => names.length === statistics.length);
    expect([...(await frozen())].sort()).toEqual([...statistics].sort());

    const before = config();
    await freezeEarly('bn1', 'Running Statistics and Affine');
    await until('the affine parameters', frozen, (names) => names.includes('bn1.bias'));
    const both = [...statistics, 'bn1.weight', 'bn1.bias'];
    expect([...(await frozen())].sort()).toEqual(both.sort());

    await workbench.execute('permafrost.openConfig');
    await workbench.undo();
    await until('the affine parameters to train again', frozen, (names) => names.length === 9);
    await workbench.page.keyboard.press('Control+S');
    await until('the config as it was', config, (text) => text === before);
  });

  test('follows the advice on a training that explodes', async () => {
    writeFileSync(
      configFile(),
      `${JSON.stringify({ command: `${PYTHON} train.py --epochs 3 --lr 1000000`, freeze: [{ match: '**', tensors: 'statistics' }] }, null, 2)}\n`,
    );
    await until('the rule to be read', frozen, (names) => names.length === NORMS * NORM.length);
    await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
    const notice = workbench.notification(/Free the later BatchNorm layers/);
    await notice.waitFor({ timeout: 60_000 });
    await workbench.statusItem().click();
    await workbench
      .reportFrame()
      .getByText(/Free the later BatchNorm layers/)
      .first()
      .waitFor();
    await keep('torch-advice-dark.png');
    await notice.getByRole('button', { name: 'Add Rules' }).click();
    await workbench.notification(/Added to permafrost\.json for the next run/).waitFor();
    await until('fewer frozen layers', frozen, (names) => names.length < NORMS * NORM.length);
    const left = await frozen();
    expect(left).toContain('bn1.running_mean');
    expect(left).not.toContain('layer3.bn2.running_mean');

    // The tree follows the document, which is saved a moment later.
    const added = async (what: string): Promise<readonly unknown[]> =>
      (
        await until(
          what,
          () => freezeRules() as readonly unknown[],
          (found) => found.length > 1,
        )
      ).slice(1);
    const advised = await added('the rules of the notice');
    writeFileSync(configFile(), rules('**.running_*'));
    await until('other rules', frozen, (names) => names.includes('layer3.bn2.running_mean'));
    await workbench
      .reportFrame()
      .getByRole('button', { name: /these rules/ })
      .click();
    expect(await added('the rules of the report')).toEqual(advised);
    await until('the same layers', frozen, (names) => names.length === left.length);
  });

  async function freezeEarly(layer: string, extent: string): Promise<void> {
    await workbench.runCommand(
      'permafrost.freezeEarlyBatchNorm',
      'Permafrost: Freeze Early BatchNorm…',
    );
    const rows = workbench.page.locator('.quick-input-widget:visible .monaco-list-row');
    await rows
      .filter({ has: workbench.page.getByText(layer, { exact: true }) })
      .first()
      .click();
    await workbench.quickPick(extent);
  }

  /** Presses Play, opens the report from the status bar and waits for the end. */
  async function train(): Promise<void> {
    await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
    await until(
      'the run',
      () => workbench.statusText(),
      (text) => /\d\/\d/.test(text),
      60_000,
    );
    await workbench.statusItem().click();
    await until(
      'the end of the run',
      () => intactEpochs(workbench, 'bn1.running_mean'),
      (epochs) => epochs === EPOCHS,
      90_000,
    );
    await until(
      'the notice of the end',
      () => workbench.notification(/intact over/).count(),
      (count) => count > 0,
    );
    await workbench.execute('notifications.clearAll');
  }

  /** A picture for docs/pytorch.md; `UPDATE_MEDIA=1` keeps it in `media/`. */
  async function keep(name: string): Promise<void> {
    const update = process.env['UPDATE_MEDIA'] === '1';
    const directory = join(ROOT, update ? 'media' : 'test-results');
    mkdirSync(directory, { recursive: true });
    await workbench.screenshot(join(directory, name));
  }
});
