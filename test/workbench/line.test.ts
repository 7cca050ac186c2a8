import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arrange } from './harness/arrange';
import { keepFailurePictures } from './harness/failurePicture';
import { ROOT } from './harness/installed';
import { intactEpochs } from './harness/report';
import { sampleFolder, type Scratch } from './harness/scratch';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

const EPOCHS = 10;
const BEFORE = `{\n  "command": "node train.js ${EPOCHS}",\n  "freeze": []\n}\n`;
const BLOCK = ['conv1', 'bn1', 'conv2', 'bn2'] as const;

let sample: Scratch;
let workbench: Workbench;

const config = (): string => readFileSync(join(sample.folder, 'permafrost.json'), 'utf8');

beforeAll(async () => {
  sample = await sampleFolder('tfjs-digits');
  writeFileSync(join(sample.folder, 'permafrost.json'), BEFORE);
  workbench = await Workbench.launch({ folder: sample.folder });
});

afterAll(async () => {
  await workbench.close();
  await sample.dispose();
});

keepFailurePictures(() => workbench);

test('a person inspects the sample, ticks its convolution block, trains, and reads the proof', async () => {
  await workbench.openView();
  await workbench.setTheme('dark');
  await workbench.page.getByRole('button', { name: 'Inspect Model' }).first().click();
  await workbench.row('head');
  const rows = await workbench.treeRows();
  const groups = rows.filter((row) => row.view === 'Parameters').map((row) => row.label);
  expect(groups).toEqual([...BLOCK, 'dense', 'head']);

  await tickBlock();
  // An editor empties a file before it writes it.
  const isNew = (text: string): boolean => text !== BEFORE && text.trimEnd().endsWith('}');
  await until('the rules in permafrost.json', config, isNew);
  expect(JSON.parse(config())).toEqual({
    command: `node train.js ${EPOCHS}`,
    freeze: [`{${BLOCK.join()}}/**`],
  });

  const seen = await trainAndWatch();
  expect(seen.intact.at(-1)).toBe(EPOCHS);
  expect(seen.intact.length).toBeGreaterThan(3);
  expect(seen.status.at(-1)).toContain(`${EPOCHS}/${EPOCHS} · 12 frozen intact`);
  expect(new Set(seen.status.map((text) => text.split('/')[0])).size).toBeGreaterThan(3);
  expect(await workbench.terminalText()).toMatch(/epoch \d+\/10: loss [\d.]+, accuracy 0\.\d+/);
  await workbench.reportFrame().getByText('12 frozen tensors intact over 10 epochs').waitFor();

  await workbench.expand('bn1');
  await arrange(workbench, 'dense');
  await picture('dark');
  await picture('light');
  expect(workbench.violations()).toEqual([]);

  await tickBlock();
  await until('the rules to be gone', config, (text) => text === BEFORE);
  for (const name of BLOCK) await workbench.untilRow([name], (row) => row.checked === false);
});

/** Selects the four rows and clicks the checkbox of one. */
async function tickBlock(): Promise<void> {
  const [first, , , last] = BLOCK;
  const label = async (name: string): Promise<void> => {
    await (await workbench.treeRow(name)).locator('.label-name').click({ modifiers: [] });
  };
  await label(first);
  await (await workbench.treeRow(last)).locator('.label-name').click({ modifiers: ['Shift'] });
  await workbench.tick(first);
}

/** Presses Play, opens the report from the status bar, and notes what is shown until the end. */
async function trainAndWatch(): Promise<{ status: string[]; intact: number[] }> {
  const parameters = workbench.page.locator('.part.sidebar .pane').first();
  await parameters.hover();
  await parameters.getByRole('button', { name: 'Run Training' }).click();
  await workbench.statusItem().click();
  const status: string[] = [];
  const intact: number[] = [];
  await until(
    'the end of the run',
    async () => {
      const text = await workbench.statusText();
      if (status.at(-1) !== text) status.push(text);
      const cells = await intactEpochs(workbench, 'conv1/kernel');
      if (intact.at(-1) !== cells) intact.push(cells);
      return { text, cells };
    },
    ({ text, cells }) =>
      text.endsWith(`${EPOCHS}/${EPOCHS} · 12 frozen intact · CPU`) && cells === EPOCHS,
    90_000,
  );
  return { status, intact };
}

/**
 * The picture in the README: tree, report and terminal. `UPDATE_MEDIA=1` keeps it in `media/`; a
 * test run must not change the repository.
 */
async function picture(theme: 'dark' | 'light'): Promise<void> {
  const update = process.env['UPDATE_MEDIA'] === '1';
  const directory = join(ROOT, update ? 'media' : 'test-results');
  mkdirSync(directory, { recursive: true });
  await workbench.setTheme(theme);
  await workbench.screenshot(join(directory, `workbench-${theme}.png`));
}
