import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hasSwiftShader, SWIFTSHADER } from '../hook/swiftShader';
import { keepFailurePictures } from './harness/failurePicture';
import { gatedProject, type GatedProject } from './harness/gatedProject';
import { untilLive, untilStatus } from './harness/gatedWorkbench';
import { ROOT } from './harness/installed';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

const CONFIG = { command: 'node train.js 3', freeze: ['first/**', 'norm/**'] };
const INSTALL_MILLISECONDS = 90_000;

let home: string;
let project: GatedProject;
let workbench: Workbench;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'permafrost-engines-'));
  project = await gatedProject(CONFIG);
  workbench = await Workbench.launch({
    folder: project.folder,
    env: { PERMAFROST_ENGINE_HOMES: home, ...SWIFTSHADER },
  });
  await workbench.openView();
  await workbench.setTheme('dark');
});

afterAll(async () => {
  await workbench.close();
  await project.dispose();
  await rm(home, { recursive: true, force: true });
});

beforeEach(() => {
  project.open(3);
});

keepFailurePictures(() => workbench);

test('a run without the engine it asks for says so, and the set-up that it offers installs it', async () => {
  await project.setConfig({ ...CONFIG, engine: 'webgpu' });
  await play();
  const notice = workbench.notification(/engine webgpu is not installed/);
  await notice.waitFor();
  await untilStatus(workbench, 'CPU instead of webgpu');
  await notice.getByRole('button', { name: 'Set Up GPU Engine' }).click();
  await workbench.page.locator('.quick-input-widget:visible .monaco-list-row').first().waitFor();
  await keep('engine-setup', 'dark');
  await workbench.quickPick('Any GPU (WebGPU)');

  const dialog = workbench.dialog();
  await dialog.waitFor();
  expect(await dialog.innerText()).toMatch(/will be downloaded from npm; .* of disk space must be/);
  await dialog.getByRole('button', { name: 'Install' }).click();
  await workbench
    .notification(/Dawn.* is ready .*permafrost\.json asks for it/)
    .waitFor({ timeout: INSTALL_MILLISECONDS });
});

test('an engine that is installed is put into permafrost.json by one undoable edit', async () => {
  await project.setConfig(CONFIG);
  await setUp('Any GPU (WebGPU)');
  await workbench
    .notification(/Dawn.* is installed/)
    .getByRole('button', { name: 'Use It in permafrost.json' })
    .click();
  const engine = (): unknown => (JSON.parse(project.config()) as { engine?: string }).engine;
  await until('the engine in the config', engine, (word) => word === 'webgpu');
  await workbench.notification(/Set in permafrost\.json.*"engine": "webgpu"/).waitFor();
});

test.skipIf(!hasSwiftShader)('status bar and report name the device that ran', async () => {
  await project.setConfig({ ...CONFIG, engine: 'webgpu' });
  await play();
  await untilStatus(workbench, 'SwiftShader');
  await untilStatus(workbench, '3/3 · 6 frozen intact');
  expect(await workbench.statusText()).toContain('(software)');
  await workbench.statusItem().click();
  const facts = workbench.reportFrame().locator('dl.facts').first();
  await facts.waitFor();
  expect(await facts.innerText()).toMatch(/backend webgpu \(asked for: webgpu\)/);
  expect(await facts.innerText()).toContain('SwiftShader (software, WebGPU)');
  await workbench.execute('notifications.clearAll');
  await keep('engine-report', 'dark');
  await keep('engine-report', 'light');
});

test('the report suggests the cache with its gain, and sets it by one undoable edit', async () => {
  await project.setConfig(CONFIG);
  project.open(0);
  await workbench.execute('workbench.action.closeAllEditors');
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  await untilLive(workbench, 1);
  project.open(1);
  await untilStatus(workbench, '2/3 · 6 frozen intact');
  const id = (await project.runs()).at(-1) ?? '';
  await project.append(id, `${JSON.stringify(offer(project.events(id)))}\n`);
  await workbench.statusItem().click();
  const add = workbench.reportFrame().getByRole('button', { name: 'Add this to permafrost.json' });
  await add.waitFor();
  const facts = workbench.reportFrame().locator('dl.facts').first();
  expect(await facts.innerText()).toContain('an epoch would be about 6.2 times faster');
  await add.click();
  const cache = (): unknown => (JSON.parse(project.config()) as { cache?: string }).cache;
  await until('the cache in the config', cache, (word) => word === 'auto');

  await workbench.execute('permafrost.openConfig');
  await workbench.undo();
  await until(
    'the config as it was',
    async () => {
      // A save that comes while the extension's own is under way may be dropped.
      await workbench.page.keyboard.press('Control+S');
      return cache();
    },
    (word) => word === undefined,
  );
  project.open(3);
  await untilLive(workbench, 0);
});

test('an installation that is cancelled leaves no engine', async () => {
  await setUp('Fast CPU');
  const dialog = workbench.dialog();
  await dialog.waitFor();
  await keep('engine-question', 'light');
  await dialog.getByRole('button', { name: 'Install' }).click();
  const progress = workbench.notification(/Setting up the engine: Installing @tensorflow/);
  await progress.getByRole('button', { name: 'Cancel' }).click();
  await workbench.notification(/was not set up.*kept for the next try/).waitFor();
  expect(readdirSync(home)).not.toContain('cpu');
});

/** What a hook writes of a frozen prefix that would pay, as the process that trains. */
function offer(events: string): object {
  const lines = readFileSync(events, 'utf8').trim().split('\n');
  const model = lines
    .map((line) => JSON.parse(line) as { type: string; model?: string; proc: string; t: number })
    .find(({ type }) => type === 'model');
  const { proc, t } = model ?? {};
  return {
    ...{ v: 1, t, proc, type: 'cache', model: 'net', epoch: 1, state: 'offered', layers: 2 },
    ...{ cut: ['norm'], reason: null, gain: 6.24 },
  };
}

/** Plays the training and waits for its end. */
async function play(): Promise<void> {
  await workbench.execute('notifications.clearAll');
  await workbench.runCommand('permafrost.runTraining', 'Permafrost: Run Training');
  await untilLive(workbench, 1);
  await untilLive(workbench, 0);
}

/** Runs the command by the palette and picks a kind of engine. */
async function setUp(kind: string): Promise<void> {
  await workbench.execute('notifications.clearAll');
  await workbench.runCommand('permafrost.setUpEngine', 'Permafrost: Set Up GPU Engine');
  await workbench.quickPick(kind);
}

/** A picture for docs/engines.md; `UPDATE_MEDIA=1` keeps it in `media/`. */
async function keep(name: string, theme: 'dark' | 'light'): Promise<void> {
  const update = process.env['UPDATE_MEDIA'] === '1';
  const directory = join(ROOT, update ? 'media' : 'test-results');
  mkdirSync(directory, { recursive: true });
  await workbench.setTheme(theme);
  await workbench.screenshot(join(directory, `${name}-${theme}.png`));
}
