import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { resnet, trained, writeMalicious, writeSafetensors } from './harness/checkpoints';
import { extensionState } from './harness/extensionState';
import { keepFailurePictures } from './harness/failurePicture';
import { ROOT } from './harness/installed';
import { rowText } from './harness/report';
import { scratchFolder, type Scratch } from './harness/scratch';
import { hasTorch } from './harness/torch';
import { until } from './harness/until';
import { intactRun } from '../unit/report/runFixture';
import { Workbench } from './harness/workbench';

const COMMAND = 'python train.py --epochs 10';
const START = 'resnet-start.safetensors';
const END = 'resnet-end.safetensors';
/** What a training under wrong rules leaves: statistics move although their layer is frozen. */
const FROZEN = /^(conv1|bn1|layer1)\./;
const MOVED = ['bn1.running_mean', 'bn1.running_var'];

let scratch: Scratch;
let workbench: Workbench;

/** So many minutes after noon of a day in the past. */
const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 20, 12, minutes));
const path = (name: string): string => join(scratch.folder, name);
const config = (): Record<string, unknown> =>
  JSON.parse(readFileSync(path('permafrost.json'), 'utf8')) as Record<string, unknown>;

beforeAll(async () => {
  scratch = await scratchFolder({});
  const start = resnet();
  writeSafetensors(path(START), start, at(0));
  // A layer that no rule freezes gets no gradient.
  const moves = (name: string): boolean =>
    (!FROZEN.test(name) && !name.startsWith('layer3.0.bn1.')) || MOVED.includes(name);
  writeSafetensors(path(END), trained(start, moves), at(30));
  workbench = await Workbench.launch({ folder: scratch.folder });
  await workbench.openView();
  await workbench.setTheme('dark');
});

afterAll(async () => {
  await workbench.close();
  await scratch.dispose();
});

beforeEach(async () => {
  await workbench.execute('workbench.action.closeAllEditors');
  await workbench.execute('notifications.clearAll');
});

keepFailurePictures(() => workbench);

test('a checkpoint is listed by its editor and fills the tree, where a tick makes a rule', async () => {
  await setRules();
  await open(START);
  await shows('h1', START);
  expect(await rowText(workbench, 'conv1.weight')).toContain('8×3×7×7');
  await press('Open in Parameter Tree');
  await workbench.untilRow(['layer3'], (row) => row.description.includes('20 tensors'));
  await until('the model in permafrost.json', config, ({ model }) => model === START);
  expect(config()).toEqual({ command: COMMAND, model: START, freeze: [] });

  for (const name of ['conv1', 'bn1', 'layer1']) {
    await workbench.tick(name);
    await workbench.untilRow([name], (row) => row.checked === true);
  }
  await until('the rules', config, ({ freeze }) => JSON.stringify(freeze).includes('layer1'));
  const freeze = ['conv1.weight', 'bn1.**', 'layer1.**'];
  expect(config()).toEqual({ command: COMMAND, model: START, freeze });
  // The editor follows the tick.
  await until(
    'the rules in the editor',
    () => rowText(workbench, 'conv1.weight'),
    (text) => text.includes('frozen'),
  );
  await workbench.expand('bn1');
  await workbench.page.mouse.move(700, 20);
  await picture('checkpoint-dark.png');
  expect(workbench.violations()).toEqual([]);
});

test('two checkpoints are compared, and what is frozen but moved is an error', async () => {
  await setRules('conv1.**', 'bn1.**', 'layer1.**');
  await open(END);
  await shows('h1', END);
  await press('Compare With…');
  await workbench.quickPick(START);
  await shows('h1', '2 frozen tensors moved');
  // In the order of their time, whichever was opened.
  await workbench.reportFrame().getByText(`${START} → ${END}`).first().waitFor();
  expect(await rowText(workbench, 'bn1.running_mean')).toMatch(/moved.*8 elements/s);
  expect(await rowText(workbench, 'conv1.weight')).toContain('intact');
  await picture('comparison-dark.png');
  // Only the rows in sight are drawn.
  await filter('fc.');
  expect(await rowText(workbench, 'fc.weight')).toContain('changed');
  await filter('layer3.0.bn1');
  expect(await rowText(workbench, 'layer3.0.bn1.bias')).toContain('equal');

  await press('Copy as Markdown');
  const copied = (): Promise<unknown> => workbench.host('return vscode.env.clipboard.readText()');
  await until('the Markdown', copied, (text) => String(text).includes('2 frozen tensors moved'));
  expect(workbench.violations()).toEqual([]);
});

test('a run proposes what it began with and what it left, under the config of its time', async () => {
  const run = intactRun();
  const directory = path(`.permafrost/runs/${run.id}`);
  mkdirSync(directory, { recursive: true });
  const lines = run.events.map((event) => JSON.stringify(event));
  writeFileSync(join(directory, 'events.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(join(directory, 'permafrost.json'), JSON.stringify({ freeze: ['conv1.**'] }));
  const left = trained(resnet(), (name) => !name.startsWith('conv1.'));
  writeSafetensors(path('left.safetensors'), left, new Date(run.events[5]?.t ?? 0));

  const known = async (): Promise<readonly string[]> => (await extensionState(workbench)).runs;
  await until('the run', known, (runs) => runs.includes(run.id));
  await workbench.host(
    'void vscode.commands.executeCommand("permafrost.compareRun", args)',
    run.id,
  );
  const picker = workbench.page.locator('.quick-input-widget:visible');
  await picker.getByText('model of permafrost.json').waitFor();
  await workbench.quickPick(START);
  await picker.getByText('written during the run').waitFor();
  await workbench.quickPick('left.safetensors');
  await shows('h1', '1 frozen tensor is intact');
  await workbench.reportFrame().getByText('permafrost.json of the run').waitFor();
});

test('after a reload the tree comes from the checkpoint, and a comparison is made anew', async () => {
  await setRules('conv1.**', 'layer1.**');
  const files = [START, END].map(path);
  await workbench.host(
    'const files = args.map(vscode.Uri.file); void vscode.commands.executeCommand("permafrost.compareCheckpoints", files[0], files)',
    files,
  );
  await shows('h1', 'frozen tensors are intact');
  await workbench.reload();
  await workbench.openView();
  await workbench.untilRow(['layer3'], (row) => row.description.includes('20 tensors'));
  await shows('h1', 'frozen tensors are intact');
});

test('a damaged file says where, and leaves the tree as it is', async () => {
  writeSafetensors(path('damaged.safetensors'), resnet(), at(1));
  truncateSync(path('damaged.safetensors'), 9_000);
  await open('damaged.safetensors');
  await shows('h1', 'This checkpoint cannot be read');
  const said = await workbench.reportFrame().locator('.head').innerText();
  expect(said).toMatch(/damaged\.safetensors: offset \d+/);
  await workbench.host(
    'void vscode.commands.executeCommand("permafrost.openModelFile", vscode.Uri.file(args))',
    path('damaged.safetensors'),
  );
  await workbench.notification(/damaged\.safetensors: offset \d+/).waitFor();
  expect(config()['model']).toBe(START);
  expect((await extensionState(workbench)).tensors).toBe(resnet().size);
});

test('files of a virtual file system are read too', async () => {
  const code = `
    const { readFileSync, statSync } = require('node:fs');
    const event = new vscode.EventEmitter().event;
    const nothing = () => { throw vscode.FileSystemError.NoPermissions(); };
    vscode.workspace.registerFileSystemProvider('mirror', {
      onDidChangeFile: event,
      watch: () => ({ dispose() {} }),
      stat: ({ path }) => ({ type: 1, ctime: 0, mtime: statSync(path).mtimeMs, size: statSync(path).size }),
      readFile: ({ path }) => readFileSync(path),
      readDirectory: () => [],
      createDirectory: nothing, writeFile: nothing, delete: nothing, rename: nothing,
    }, { isReadonly: true });
    void vscode.commands.executeCommand('vscode.open', vscode.Uri.from({ scheme: 'mirror', path: args }))`;
  await workbench.host(code, path(START));
  await shows('h1', START);
  expect(await rowText(workbench, 'conv1.weight')).toContain('8×3×7×7');
});

test.skipIf(!hasTorch())(
  'a malicious pickle is listed with a warning, and runs nothing',
  async () => {
    const canary = path('canary');
    await writeMalicious(path('malicious.pt'), `touch '${canary}'`);
    await open('malicious.pt');
    await shows('h1', 'malicious.pt');
    expect(await rowText(workbench, 'conv.weight')).toContain('2×3');
    await shows('.warnings', 'system');
    expect(existsSync(canary)).toBe(false);
  },
);

/** Writes permafrost.json as by hand, with the checkpoint that it names already. */
async function setRules(...freeze: readonly string[]): Promise<void> {
  const model = existsSync(path('permafrost.json')) ? { model: START } : {};
  const text = JSON.stringify({ command: COMMAND, ...model, freeze }, null, 2);
  writeFileSync(path('permafrost.json'), `${text}\n`);
  await until(
    'the config to be read',
    async () => (await extensionState(workbench)).configText,
    (read) => read === `${text}\n`,
  );
}

/** Opens a file as a double click in the explorer does. */
async function open(name: string): Promise<void> {
  await workbench.host(
    'await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(args))',
    path(name),
  );
}

async function shows(selector: string, text: string): Promise<void> {
  await workbench.reportFrame().locator(selector, { hasText: text }).first().waitFor();
}

async function filter(text: string): Promise<void> {
  const frame = workbench.reportFrame();
  await frame.getByRole('textbox', { name: 'Filter tensors' }).fill(text);
  await frame.locator('.shown', { hasText: ' of ' }).waitFor();
}

async function press(label: string): Promise<void> {
  await workbench.reportFrame().getByRole('button', { name: label }).first().click();
}

/** A picture for docs/checkpoints.md; `UPDATE_MEDIA=1` keeps it in `media/`. */
async function picture(name: string): Promise<void> {
  const update = process.env['UPDATE_MEDIA'] === '1';
  const directory = join(ROOT, update ? 'media' : 'test-results');
  mkdirSync(directory, { recursive: true });
  await workbench.screenshot(join(directory, name));
}
