import { chromium, type Browser, type Page } from 'playwright-core';
import { installed } from './installed';

/** Size of the window in CSS pixels, and of the screenshots in the README. */
export const WINDOW = { width: 1400, height: 900 } as const;

/** Every message that a page's console got, webviews included. */
export interface ConsoleLine {
  readonly type: string;
  readonly text: string;
}

/** Starts the installed headless Chromium. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: installed().browser,
    // Chromium refuses its sandbox to root, who runs the tests in containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    timeout: 30_000,
  });
}

/** Opens a window whose console is kept in `lines`. */
export async function openPage(browser: Browser, lines: ConsoleLine[]): Promise<Page> {
  const context = await browser.newContext({ viewport: WINDOW, permissions: ['clipboard-read'] });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  // tsx wraps inner functions in a helper that a page does not have.
  await page.addInitScript('globalThis.__name = (value) => value;');
  page.on('console', (message) => lines.push({ type: message.type(), text: message.text() }));
  page.on('pageerror', (error) => lines.push({ type: 'pageerror', text: String(error) }));
  return page;
}
