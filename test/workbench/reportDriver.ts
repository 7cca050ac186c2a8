/**
 * The report's real page, script and feed in a real Chromium, without VS Code around it: the page
 * comes from `reportPage`, messages go through `parseFromReport` and `ReportFeed`, and
 * `acquireVsCodeApi` is played by the test.
 */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ReportFeed } from '../../src/editor/report/reportFeed';
import { reportPage } from '../../src/editor/report/reportPage';
import {
  parseFromReport,
  type FromReport,
  type ToReport,
} from '../../src/runs/report/reportProtocol';
import type { RunState } from '../../src/runs/state';
import { ROOT } from './harness/installed';

const ORIGIN = 'http://report.test';

export interface ReportOptions {
  readonly width?: number;
  readonly height?: number;
  /** Theme variables, by name with `--vscode-`. */
  readonly theme?: Readonly<Record<string, string>>;
  /** Class that VS Code gives the body: `vscode-dark`. */
  readonly themeClass?: string;
  /** What the page kept before it was reloaded. */
  readonly kept?: unknown;
}

/** Debian's two packages of Chromium; the first starts faster. */
const BROWSERS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/** Path of a browser; undefined when none is installed. */
export function findBrowser(): string | undefined {
  return BROWSERS.find((path) => existsSync(path));
}

/** Starts a browser of {@link findBrowser}. */
export function startBrowser(executablePath: string): Promise<Browser> {
  // Chromium refuses its sandbox to root, who runs the tests in containers.
  return chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** The bundle as `scripts/build.mjs` makes it: script and style sheet. */
export async function bundleReport(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: { report: 'src/report/main.ts' },
    ...{ bundle: true, minify: true, write: false, outdir: 'dist', platform: 'browser' },
    ...{ format: 'iife', target: 'es2022', mainFields: ['module', 'main'] },
  });
  return new Map(
    result.outputFiles.map(({ path, text }) => [path.endsWith('.css') ? 'css' : 'js', text]),
  );
}

export class ReportDriver {
  /** What the page sent, other than `ready`. */
  readonly sent: FromReport[] = [];
  /** What went to the page. */
  readonly received: ToReport[] = [];
  /** Violations of the content security policy, errors and failed requests. */
  readonly faults: string[] = [];
  private readonly feed: ReportFeed;

  private constructor(
    readonly page: Page,
    private state: RunState,
  ) {
    this.feed = new ReportFeed(
      state.id,
      () => this.state,
      (message) => {
        void this.post(message);
      },
    );
  }

  /** Opens the report of a run and waits until it is drawn. */
  static async open(
    browser: Browser,
    bundle: ReadonlyMap<string, string>,
    state: RunState,
    options: ReportOptions = {},
  ): Promise<ReportDriver> {
    const { width = 1200, height = 900 } = options;
    const page = await browser.newPage({ viewport: { width, height } });
    const driver = new ReportDriver(page, state);
    await driver.serve(bundle);
    await driver.prepare(options);
    await page.goto(`${ORIGIN}/`);
    await page.locator('h1').waitFor();
    return driver;
  }

  /** Gives the run another state; the feed sends what changed. */
  advance(state: RunState): void {
    this.state = state;
    this.feed.changed();
  }

  /** Sends the page a message past the feed. */
  async post(message: ToReport): Promise<void> {
    this.received.push(message);
    await this.page.evaluate((data) => {
      window.postMessage(data, '*');
    }, message);
  }

  /** What the page keeps over a reload. */
  async kept(): Promise<unknown> {
    return this.page.evaluate('window.keptByReport');
  }

  async close(): Promise<void> {
    this.feed.pause();
    await this.page.close();
  }

  private async serve(bundle: ReadonlyMap<string, string>): Promise<void> {
    const html = reportPage({
      cspSource: ORIGIN,
      script: `${ORIGIN}/report.js`,
      style: `${ORIGIN}/report.css`,
      runId: this.state.id,
    });
    const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
      '/': ['text/html', html],
      '/report.js': ['text/javascript', bundle.get('js') ?? ''],
      '/report.css': ['text/css', bundle.get('css') ?? ''],
    };
    await this.page.route('**/*', async (route) => {
      const path = route.request().url().replace(ORIGIN, '');
      const file = files[path];
      if (file !== undefined) return route.fulfill({ contentType: file[0], body: file[1] });
      if (!path.endsWith('favicon.ico')) this.faults.push(`request for ${route.request().url()}`);
      return route.fulfill({ status: 404 });
    });
  }

  private async prepare({ theme = {}, themeClass = '', kept }: ReportOptions): Promise<void> {
    this.page.on('pageerror', (error) => this.faults.push(String(error)));
    this.page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) {
        this.faults.push(message.text());
      }
    });
    await this.page.exposeFunction('sendToHost', (raw: unknown) => {
      const message = parseFromReport(raw);
      if (message === undefined) this.faults.push(`unknown message ${JSON.stringify(raw)}`);
      else if (message.type === 'ready') this.feed.connect();
      else this.sent.push(message);
    });
    await this.page.addInitScript(
      ({ theme, themeClass, kept }) => {
        const page = window as unknown as Record<string, unknown> & {
          sendToHost(message: unknown): void;
        };
        page['keptByReport'] = kept;
        page['acquireVsCodeApi'] = () => ({
          postMessage: (message: unknown) => {
            page.sendToHost(message);
          },
          getState: () => page['keptByReport'],
          setState: (state: unknown) => {
            page['keptByReport'] = state;
          },
        });
        document.addEventListener('DOMContentLoaded', () => {
          for (const [name, value] of Object.entries(theme)) {
            document.documentElement.style.setProperty(name, value);
          }
          if (themeClass !== '') document.body.classList.add(themeClass);
        });
        document.addEventListener('securitypolicyviolation', (event) => {
          console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
        });
      },
      { theme, themeClass, kept },
    );
  }
}
