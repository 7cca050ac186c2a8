/**
 * A real VS Code for tests: code-server (the VS Code of the desktop, served) with the packaged
 * extension installed, in a real Chromium.
 *
 *     const workbench = await Workbench.launch({ folder });   // 10 to 20 s: share one per test file
 *     afterAll(() => workbench.close());
 *     await workbench.openView();
 *     await workbench.checkbox('conv1', 'kernel').then((box) => box.click());
 *     await workbench.host('return vscode.extensions.getExtension(args).isActive', ID);
 *
 * `scripts/install-workbench.mjs` installs what it needs. The .vsix is built and packaged again
 * when a source is newer. `launch` opens a window; `openWindow` another on the same server. Every
 * wait has a deadline and says what it saw; `close` ends everything that was started, also what
 * runs in terminals. `npm run workbench` serves the same thing to a person.
 *
 * Known: hovers are off by setting (they would cover the next row's checkbox); only the rows in
 * sight are in the DOM; Space on a row reaches the extension by its keybinding, not as a click.
 */
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { Agent } from './agent';
import { launchBrowser, openPage, type ConsoleLine } from './browser';
import { CodeServer, type ServerOptions } from './server';
import { readTreeRows, type TreeRow } from './treeRows';
import { until, within } from './until';

/** Marketplace id of the extension under test. */
export const EXTENSION = 'permafrost.permafrost';

export interface LaunchOptions extends ServerOptions {
  /** Absolute path of the folder to open; without one the window is empty. */
  readonly folder?: string;
}

export class Workbench {
  private constructor(
    readonly server: CodeServer,
    private readonly browser: Browser,
    readonly page: Page,
    private agent: Agent,
    readonly consoleLines: readonly ConsoleLine[],
    private readonly owner: boolean,
  ) {}

  /** Starts a server and a browser, opens a window and waits until extensions run in it. */
  static async launch(options: LaunchOptions = {}): Promise<Workbench> {
    const server = await CodeServer.start(options);
    let browser: Browser | undefined;
    try {
      browser = await launchBrowser();
      return await Workbench.open(server, browser, options.folder, true);
    } catch (error) {
      await browser?.close();
      await server.stop();
      throw error;
    }
  }

  /** Opens another window of the same server; closing it leaves the server running. */
  async openWindow(folder?: string): Promise<Workbench> {
    return Workbench.open(this.server, this.browser, folder, false);
  }

  private static async open(
    server: CodeServer,
    browser: Browser,
    folder: string | undefined,
    owner: boolean,
  ): Promise<Workbench> {
    const lines: ConsoleLine[] = [];
    const page = await openPage(browser, lines);
    const before = Agent.known(server.agentDirectory);
    const query = folder === undefined ? '?ew=true' : `?folder=${encodeURIComponent(folder)}`;
    await page.goto(`${server.url}/${query}`, { timeout: 60_000 });
    await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    const agent = await Agent.arrival(server.agentDirectory, before);
    return new Workbench(server, browser, page, agent, lines, owner);
  }

  /** Process id of this window's extension host. */
  get hostPid(): number {
    return this.agent.pid;
  }

  /**
   * Runs `code`, the body of an async function with `vscode`, `require` and `args` in scope, in the
   * extension host and returns what it returns, which travels as JSON.
   */
  async host(code: string, args: unknown = null, patience?: number): Promise<unknown> {
    return this.agent.evaluate(code, args, patience);
  }

  /** Runs a command in the extension host, past the palette. */
  async execute(command: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.host('return vscode.commands.executeCommand(args[0], ...args[1])', [command, args]);
  }

  /** Undoes the last edit of the file that is open, once its editor has the keyboard. */
  async undo(): Promise<void> {
    await this.execute('workbench.action.focusActiveEditorGroup');
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
    await this.page.keyboard.press('Control+Z');
  }

  /**
   * Reloads the window and waits until extensions run again. By VS Code's own command: a reload of
   * the page would lose what it saves with a delay, the open editors among it.
   */
  async reload(): Promise<void> {
    const before = Agent.known(this.server.agentDirectory);
    const loaded = this.page.waitForEvent('load', { timeout: 60_000 });
    await this.runCommand('workbench.action.reloadWindow', 'Developer: Reload Window');
    await loaded;
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    this.agent = await Agent.arrival(this.server.agentDirectory, before);
  }

  /** Shows the view container of the activity bar named `name`. */
  async openView(name = 'Permafrost'): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name });
    await tab.waitFor();
    const title = this.page.locator('.part.sidebar .composite.title', { hasText: name });
    // A second click on the icon would hide the view.
    if (!(await title.isVisible())) await tab.click();
    await title.waitFor();
  }

  /** The rows of the side bar's trees that are drawn now. */
  async treeRows(): Promise<readonly TreeRow[]> {
    return within('reading the tree', readTreeRows(this.page));
  }

  /** Waits for the row whose path ends with `path` and returns what is drawn of it. */
  async row(...path: readonly string[]): Promise<TreeRow> {
    return this.untilRow(path, () => true);
  }

  /** Waits until the row whose path ends with `path` is as `accept` wants. */
  async untilRow(
    path: readonly string[],
    accept: (row: TreeRow) => boolean,
    patience?: number,
  ): Promise<TreeRow> {
    const read = async (): Promise<TreeRow> => {
      const rows = await this.treeRows();
      const found = rows.find(
        (row) => JSON.stringify(row.path.slice(-path.length)) === JSON.stringify(path),
      );
      if (found !== undefined) return found;
      throw new Error(`no such row among ${rows.map((row) => row.path.join(' > ')).join(' | ')}`);
    };
    return until(`tree row ${path.join(' > ')}`, read, accept, patience);
  }

  /** The element of the row whose path ends with `path`, when it is drawn. */
  async treeRow(...path: readonly string[]): Promise<Locator> {
    const { id } = await this.row(...path);
    return this.page.locator(`[id="${id}"]`);
  }

  /** The checkbox of the row whose path ends with `path`. */
  async checkbox(...path: readonly string[]): Promise<Locator> {
    return (await this.treeRow(...path)).getByRole('checkbox');
  }

  /**
   * Clicks the checkbox of the row whose path ends with `path`, once the tree has come to rest:
   * VS Code drops a click on a row whose parent it is fetching again.
   */
  async tick(...path: readonly string[]): Promise<void> {
    let before = '';
    await until(
      'the tree to rest',
      async () => {
        await this.page.waitForTimeout(300);
        return JSON.stringify(await this.treeRows());
      },
      (rows) => {
        const rests = rows === before;
        before = rows;
        return rests;
      },
    );
    await (await this.checkbox(...path)).click();
  }

  /** Opens the row whose path ends with `path`, unless it is open. */
  async expand(...path: readonly string[]): Promise<void> {
    if ((await this.row(...path)).expanded === true) return;
    await (await this.treeRow(...path)).locator('.monaco-tl-twistie').click();
    await this.untilRow(path, (row) => row.expanded === true);
  }

  /** Runs a command by the palette, as a person does; `title` as shown there. */
  async runCommand(id: string, title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await input.fill(`>${title}`);
    await this.page.locator(`.quick-input-widget:visible [data-quick-input-id="${id}"]`).click();
  }

  /** Whether the palette offers the command `id` when one types `title`. */
  async offersCommand(id: string, title: string): Promise<boolean> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await input.fill(`>${title}`);
    const rows = this.page.locator('.quick-input-widget:visible .monaco-list-row');
    await rows.first().waitFor();
    const count = await this.page.locator(`[data-quick-input-id="${id}"]`).count();
    await this.page.keyboard.press('Escape');
    return count > 0;
  }

  /** Picks the row of the open quick pick that holds `text`. */
  async quickPick(text: string): Promise<void> {
    const rows = this.page.locator('.quick-input-widget:visible .monaco-list-row');
    await rows.filter({ hasText: text }).first().click();
  }

  /** Types into the open input box and accepts. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible .quick-input-box input');
    await input.fill(text);
    await input.press('Enter');
  }

  /** Text of the extension's status bar items, joined; empty when there is none. */
  async statusText(): Promise<string> {
    const items = this.page.locator(`.part.statusbar [id^="${EXTENSION}"]`);
    const texts = await within('reading the status bar', items.allInnerTexts());
    return texts
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .join(' | ');
  }

  /** The extension's status bar item. */
  statusItem(): Locator {
    return this.page.locator(`.part.statusbar [id^="${EXTENSION}"]`).first();
  }

  /**
   * The rows in sight of the terminal in front; a long line is broken as drawn. VS Code's smoke-test
   * driver would give the whole buffer, but suppresses notifications.
   */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.part.panel .terminal-wrapper.active .xterm-rows > div');
    const lines = await within('reading the terminal', rows.allInnerTexts());
    return lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd()).join('\n');
  }

  /** The document inside the webview that was opened last. */
  reportFrame(): FrameLocator {
    const outer = this.page.locator('iframe.webview.ready').last();
    return outer.contentFrame().locator('iframe#active-frame').contentFrame();
  }

  /** The notification that holds `text`. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** The modal dialog in front. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Switches the colour theme and waits until it is drawn. */
  async setTheme(theme: 'dark' | 'light' | 'high contrast'): Promise<void> {
    const [name, kind] = THEMES[theme];
    const update = `await vscode.workspace.getConfiguration('workbench').update('colorTheme', args, true)`;
    await this.host(update, name);
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  /** Messages of the page and its webviews that tell of a violated content security policy. */
  violations(): readonly string[] {
    return this.consoleLines
      .map((line) => line.text)
      .filter((text) => /content security policy/i.test(text));
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file, animations: 'disabled', timeout: 30_000 });
  }

  /** Closes the window; the one that `launch` opened takes browser and server with it. */
  async close(): Promise<void> {
    if (!this.owner) {
      await this.page.context().close();
      return;
    }
    try {
      await within('closing the browser', this.browser.close(), 10_000);
    } finally {
      await this.server.stop();
    }
  }
}

/** Name of each theme and the class that the workbench bears under it. */
const THEMES = {
  dark: ['Default Dark Modern', 'vs-dark'],
  light: ['Default Light Modern', 'vs'],
  'high contrast': ['Default High Contrast', 'hc-black'],
} as const;
