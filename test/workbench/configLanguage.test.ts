import { mkdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { extensionState } from './harness/extensionState';
import { keepFailurePictures } from './harness/failurePicture';
import { ROOT } from './harness/installed';
import { sampleFolder, type Scratch } from './harness/scratch';
import { until } from './harness/until';
import { Workbench } from './harness/workbench';

let sample: Scratch;
let workbench: Workbench;

beforeAll(async () => {
  sample = await sampleFolder('tfjs-digits');
  workbench = await Workbench.launch({ folder: sample.folder });
  await workbench.openView();
  await workbench.setTheme('dark');
  await workbench.runCommand('permafrost.inspectModel', 'Permafrost: Inspect Model');
  await workbench.row('conv1');
});

afterAll(async () => {
  await workbench.close();
  await sample.dispose();
});

beforeEach(async () => {
  await workbench.execute('workbench.action.revertAndCloseActiveEditor');
  await workbench.execute('notifications.clearAll');
});

keepFailurePictures(() => workbench);

const config = (): string => join(sample.folder, 'permafrost.json');

/** Opens permafrost.json with this text, the cursor where `|` stands. */
async function open(marked: string): Promise<void> {
  const text = marked.replace('|', '');
  await writeFile(config(), text);
  await until(
    'the text in the extension',
    async () => (await extensionState(workbench)).configText,
    (known) => known === text,
  );
  // A document that was open before takes a while to follow its file.
  const read = `return (await vscode.workspace.openTextDocument(args)).getText()`;
  await until(
    'the text in the document',
    () => workbench.host(read, config()),
    (known) => known === text,
  );
  const show = `const document = await vscode.workspace.openTextDocument(args.file);
    const position = document.positionAt(args.offset);
    const selection = new vscode.Range(position, position);
    await vscode.window.showTextDocument(document, { selection });`;
  await workbench.host(show, { file: config(), offset: marked.indexOf('|') });
  await workbench.page.locator('.editor-instance .view-lines').waitFor();
}

const editorText = async (): Promise<unknown> =>
  workbench.host('return vscode.window.activeTextEditor.document.getText()');

/** The problems shown, by severity (0 is an error, 3 a hint). */
const shown = async (): Promise<readonly string[]> =>
  (await workbench.host(
    `return vscode.languages.getDiagnostics(vscode.Uri.file(args))
      .map((each) => each.severity + ' ' + each.message)`,
    config(),
  )) as readonly string[];

const untilShown = (words: string): Promise<readonly string[]> =>
  until('the problem', shown, (texts) => texts.some((text) => text.includes(words)));

/** Picks a quick fix of the problem under the cursor, as soon as the editor knows of one. */
async function fix(title: string): Promise<void> {
  const action = workbench.page.locator('.action-widget:visible .monaco-list-row', {
    hasText: title,
  });
  await until(
    `the fix ${title}`,
    async () => {
      await workbench.page.keyboard.press('Escape');
      await workbench.page.keyboard.press('Control+.');
      return action.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    },
    Boolean,
  );
  await action.click();
}

test('the hover of a pattern says what it matches and freezes', async () => {
  await open(
    '{\n  "command": "node train.js",\n  "freeze": [\n    "|**",\n    "!head/**",\n    { "match": "!dense/**", "from": 3 }\n  ]\n}\n',
  );
  await workbench.page.keyboard.press('Control+k');
  await workbench.page.keyboard.press('Control+i');
  const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'Matches' });
  await hover.waitFor();
  const words = (await hover.innerText()).replaceAll('\u00a0', ' ');
  expect(words).toContain('Matches 16 tensors (4 of them statistics): 3,541 parameters, 14 kB.');
  expect(words).toContain('Freezes 14 of them: 3,376 parameters, 14 kB, in different epochs.');
  expect(words).toContain('Later rules decide about the 2 others, such as "!head/**" in line 5.');
  expect(words).toContain('conv1/kernel');
  await picture();
});

/** For docs/config.md; `UPDATE_MEDIA=1` keeps it in `media/`. */
async function picture(): Promise<void> {
  const update = process.env['UPDATE_MEDIA'] === '1';
  const directory = join(ROOT, update ? 'media' : 'test-results');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'hover-dark.png');
  const clip = { x: 0, y: 0, width: 1400, height: 420 };
  await workbench.page.screenshot({ path, clip, animations: 'disabled', timeout: 30_000 });
}

/** Takes a proposal until it stands in the editor: a list that is drawn anew loses a click. */
async function take(row: Locator, result: string): Promise<void> {
  await until(
    result,
    async () => {
      const before = String(await editorText());
      if (before.includes(result)) return before;
      await row.click({ timeout: 2_000 });
      return String(await editorText());
    },
    (text) => text.includes(result),
  );
}

test('a pattern is completed part by part, and the part is replaced', async () => {
  await open('{\n  "command": "node train.js",\n  "freeze": ["bn1/**", "!|"]\n}\n');
  const rows = workbench.page.locator('.suggest-widget.visible .monaco-list-row');
  const labels = async (): Promise<readonly string[]> =>
    (await rows.locator('.label-name').allInnerTexts()).map((text) => text.trim());
  await workbench.page.keyboard.type('co');
  const modules = ['conv1/**', 'conv1/', 'conv2/**', 'conv2/'];
  await until('the modules', labels, (texts) => isDeepStrictEqual(texts, modules));
  await take(rows.filter({ hasText: 'go on inside' }).last(), '"!conv2/"');
  // It asks at once for what is inside.
  await until('the tensors', labels, (texts) => texts.includes('kernel'));
  await take(rows.filter({ hasText: 'kernel' }), '"!conv2/kernel"]');
});

test('in the middle of a pattern the part under the cursor is replaced', async () => {
  await open('{\n  "freeze": ["bn1/**", { "match": "con|x2/kernel" }]\n}\n');
  await workbench.page.keyboard.press('Control+Space');
  const rows = workbench.page.locator('.suggest-widget.visible .monaco-list-row');
  await rows.filter({ hasText: 'conv1' }).waitFor();
  await take(rows.filter({ hasText: 'conv1' }), '"match": "conv1/kernel"');
});

test('a rule that matches nothing is replaced by the nearest, in one click', async () => {
  await open('{ "command": "node train.js",\n    "freeze": [ "bn1/**",   "cnov1|/**" ] }\n');
  await untilShown('matches no tensor');
  await fix('Replace by "conv1/**"');
  await until('the replacement', editorText, (text) => String(text).includes('"conv1/**"'));
  expect(await editorText()).toBe(
    '{ "command": "node train.js",\n    "freeze": [ "bn1/**",   "conv1/**" ] }\n',
  );
  await until('no problem', shown, (texts) => texts.length === 0);
});

test('a rule that others override is faded, and removed in one click', async () => {
  await open('{\n  "freeze": [\n    "co|nv1/**",\n    "conv*/**"\n  ]\n}\n');
  await untilShown('3 "conv1/**" has no effect');
  await fix('Remove the rule');
  await until('the edit', editorText, (text) => !String(text).includes('conv1'));
  expect(await editorText()).toBe('{\n  "freeze": [\n    "conv*/**"\n  ]\n}\n');
});

test('a checkpoint that is not there is told, and the nearest takes its place', async () => {
  await open('{\n  "model": "pretraind/|model.json",\n  "freeze": []\n}\n');
  await untilShown('There is no "pretraind/model.json"');
  await fix('pretrained/model.json');
  await until('the path', editorText, (text) => String(text).includes('"pretrained/model.json"'));
  await until('no problem', shown, (texts) => texts.length === 0);
  expect(readFileSync(config(), 'utf8')).toContain('pretraind');
  const complete = `const list = await vscode.commands.executeCommand(
      'vscode.executeCompletionItemProvider', vscode.Uri.file(args), new vscode.Position(1, 14));
    return list.items.map(({ insertText }) => insertText)`;
  expect(await workbench.host(complete, config())).toContain('pretrained/model.json');
});
