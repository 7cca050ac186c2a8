import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunState } from '../../src/runs/state';
import {
  bigRun,
  engineRun,
  FALLBACK,
  intactRun,
  movedRun,
  rankedRun,
  RunFixture,
  runningRun,
} from '../unit/report/runFixture';
import {
  bundleReport,
  findBrowser,
  ReportDriver,
  startBrowser,
  type ReportOptions,
} from './reportDriver';

const path = findBrowser();
if (path === undefined) console.log('skipped: no Chromium, see scripts/install-workbench.mjs');

describe.skipIf(path === undefined)('the report in a browser', () => {
  let browser: Browser;
  let bundle: ReadonlyMap<string, string>;
  let driver: ReportDriver;

  beforeAll(async () => {
    [browser, bundle] = await Promise.all([startBrowser(path ?? ''), bundleReport()]);
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    expect(driver.faults).toEqual([]);
    await driver.close();
  });

  async function open(state: RunState, options?: ReportOptions): Promise<Page> {
    driver = await ReportDriver.open(browser, bundle, state, options);
    return driver.page;
  }

  it('says the verdict in its heading and draws every part without a CSP violation', async () => {
    const page = await open(movedRun().state());
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      '3 frozen tensors moved',
    );
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      ...['Tensors', 'Batch normalization', 'Trainable, but never moved'],
      ...['Curves', 'Rules', 'Messages', 'Details'],
    ]);
    expect(await page.getByRole('main').getAttribute('aria-label')).toBe('Permafrost report');
    expect(await page.locator('canvas').count()).toBe(2);
    await expect.poll(() => page.locator('.chart-summary').first().innerText()).toContain('1.155');
    expect(await page.locator('[style*="color"]').count()).toBe(0);
  });

  it('gives each cell a glyph and a text', async () => {
    const page = await open(movedRun().state());
    expect(await rowTexts(page, 'conv1/kernel')).toEqual([
      'intact',
      'moved: 1 element, max |Δ| 1.0e-7; assign() was called at train.js:31',
      'moved: 1 element, max |Δ| 2.0e-7; assign() was called at train.js:31',
      'moved: 1 element, max |Δ| 3.0e-7; assign() was called at train.js:31',
      'moved: 1 element, max |Δ| 4.0e-7; assign() was called at train.js:31',
      'moved: 1 element, max |Δ| 5.0e-7; assign() was called at train.js:31',
    ]);
    expect(await rowTexts(page, 'logits/bias')).toEqual(Array(6).fill('trainable'));
    // What copying the row gives.
    const copied = await page.locator('tr.tensor').nth(1).innerText();
    expect(copied.split(/\s+/).slice(0, 3)).toEqual(['conv1/bias', 'intact', 'intact']);
    const shapes = await page.evaluate(() =>
      [...document.querySelectorAll('td.cell')].map((cell) => ({
        letter: (cell as HTMLElement).dataset['cell'] ?? '',
        shape: getComputedStyle(cell, '::before').content,
      })),
    );
    const byLetter = new Map(shapes.map(({ letter, shape }) => [letter, shape]));
    expect(new Set(byLetter.values()).size).toBe(byLetter.size);
    expect([...byLetter.values()]).not.toContain('none');
  });

  it('keeps its warning signs in forced colors', async () => {
    const page = await open(movedRun().state());
    await page.emulateMedia({ forcedColors: 'active' });
    const [ink, paper] = await page.evaluate(() => [
      getComputedStyle(document.querySelector('[data-cell="a"]') ?? document.body, '::before')
        .backgroundColor,
      getComputedStyle(document.body).backgroundColor,
    ]);
    expect(ink).not.toBe(paper);
  });

  it('holds only the rows and epochs in sight of 10,000 tensors by 100 epochs', async () => {
    const page = await open(bigRun(10_000, 100).state());
    const table = page.getByRole('grid', { name: 'Tensors by epoch' });
    expect(await table.getAttribute('aria-rowcount')).toBe('10001');
    expect(await table.getAttribute('aria-colcount')).toBe('105');
    expect(await page.locator('tbody tr.tensor').count()).toBeLessThan(60);
    expect(await page.locator('tbody tr.tensor').first().locator('td').count()).toBeLessThan(90);
    await page.locator('.scroller').evaluate((scroller) => {
      scroller.scrollTo(scroller.scrollWidth, scroller.scrollHeight);
    });
    const last = page.locator('tr.tensor').last();
    const heights = await page
      .locator('tr.tensor')
      .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights)).toEqual(new Set([22]));
    await expect.poll(() => last.getAttribute('aria-rowindex')).toBe('10001');
    expect(await last.locator('th').innerText()).toBe('encoder.layer.4999.attention.bias');
    await expect
      .poll(() => last.locator('td.cell').last().getAttribute('aria-colindex'))
      .toBe('101');
    expect(await page.locator('tbody tr.tensor').count()).toBeLessThan(60);
  });

  it('is reached by keyboard in reading order, with the focus visible', async () => {
    const page = await open(movedRun().state());
    const order: string[] = [];
    for (let step = 0; step < 15; step++) {
      await page.keyboard.press('Tab');
      order.push(
        await page.evaluate(() => {
          const element = document.activeElement;
          const label = element?.getAttribute('aria-label');
          return (label ?? element?.textContent ?? '').trim();
        }),
      );
    }
    expect(order).toEqual([
      ...['conv1/kernel', 'train.js:31', 'bn2/moving_mean', 'bn2/moving_variance'],
      ...['Copy as Markdown', 'Export HTML', 'Open Config', 'Run Folder'],
      ...['Tensors', 'Filter tensors', 'Only problems', 'Group by layer', 'Tensors by epoch'],
      ...['Reveal in Tree', 'Open Rule'],
    ]);
  });

  it('moves among cells by the arrow keys and reveals a tensor by Enter', async () => {
    const page = await open(movedRun().state());
    const table = page.getByRole('grid');
    await table.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await activeCell(page)).toContain('moved: 1 element');
    const outline = await page
      .locator('.tensors .active')
      .evaluate((cell) => getComputedStyle(cell).outlineStyle);
    expect(outline).toBe('solid');
    expect(await page.locator('.inspector').innerText()).toContain('conv1/kernel epoch 2: moved');
    await page.keyboard.press('Control+End');
    expect(await activeCell(page)).toBe('float32');
    await page.keyboard.press('Home');
    expect(await activeCell(page)).toBe('logits/bias');
    await page.keyboard.press('Enter');
    expect(driver.sent).toEqual([{ type: 'revealTensor', model: 0, row: 15 }]);
  });

  it('keeps the active cell in sight of a large table', async () => {
    const page = await open(bigRun(10_000, 100).state());
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('ArrowUp');
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowLeft');
    const active = page.locator('.tensors .active');
    expect(await active.getAttribute('aria-colindex')).toBe('100');
    const [box, frame] = await Promise.all([
      active.boundingBox(),
      page.locator('.scroller').boundingBox(),
    ]);
    expect(box?.x).toBeGreaterThanOrEqual((frame?.x ?? Infinity) + 100);
    expect(box?.y).toBeLessThan((frame?.y ?? 0) + (frame?.height ?? 0));
  });

  it('filters by words, keeps only problems, groups by layer and folds', async () => {
    const page = await open(movedRun().state());
    const names = (): Promise<string[]> => page.locator('tr.tensor th').allInnerTexts();
    const filter = page.getByRole('textbox', { name: 'Filter tensors' });
    await filter.fill('BN2 statistic');
    expect(await names()).toEqual(['bn2/moving_mean', 'bn2/moving_variance']);
    expect(await page.locator('.shown').innerText()).toBe('2 of 16 tensors');
    await filter.fill('');
    await page.getByRole('checkbox', { name: 'Only problems' }).click();
    expect(await names()).toEqual([
      ...['conv1/kernel', 'conv2/bias', 'bn2/moving_mean', 'bn2/moving_variance'],
    ]);
    await page.getByRole('checkbox', { name: 'Group by layer' }).click();
    expect(await page.locator('tr.group th .label').allInnerTexts()).toEqual([
      ...['conv1', 'conv2', 'bn2'],
    ]);
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('tr.group').first().getAttribute('aria-expanded')).toBe('false');
    expect(await names()).toEqual(['bias', 'moving_mean', 'moving_variance']);
  });

  it('keeps what the reader set over a reload', async () => {
    let page = await open(movedRun().state());
    await page.getByRole('textbox', { name: 'Filter tensors' }).fill('conv2/');
    await page.getByRole('heading', { name: 'Rules' }).click();
    await expect.poll(() => driver.kept()).toMatchObject({ closed: ['details', 'rules'] });
    const kept = await driver.kept();
    expect(kept).toMatchObject({ runId: '20261124-181503-ab12', filter: 'conv2/' });
    await driver.close();
    page = await open(movedRun().state(), { kept });
    expect(await page.locator('tr.tensor').count()).toBe(2);
    expect(await page.locator('#section-rules').getAttribute('open')).toBeNull();
  });

  it('follows a run by patches, leaving the table alone while only a batch ends', async () => {
    const states = runningRun()
      .progress(4, 51, 60, 0.39)
      .epochEnded(4, { loss: 0.38 })
      .verified(4, 11, [{ name: 'conv2/kernel', verdict: 'moved', elements: 3, maxDelta: 0.5 }])
      .states()
      .slice(-4);
    const [before, progress, , verified] = states;
    if (before === undefined || progress === undefined || verified === undefined) {
      throw new Error('too few states');
    }
    const page = await open(before);
    await page.evaluate(() => document.querySelector('tr.tensor')?.setAttribute('id', 'marked'));
    driver.advance(progress);
    await expect.poll(() => page.locator('.status').innerText()).toContain('batch 51 of 60');
    expect(await page.locator('#marked').count()).toBe(1);
    driver.advance(verified);
    await expect
      .poll(() => rowTexts(page, 'conv2/kernel'))
      .toEqual([...['intact', 'intact', 'intact', 'moved: 3 elements, max |Δ| 5.0e-1']]);
    expect(await page.locator('h1').innerText()).toBe('1 frozen tensor moved');
    expect(driver.received.map(({ type }) => type)).toEqual(['snapshot', 'patch', 'patch']);
  });

  it('asks for a snapshot when a patch got lost', async () => {
    const page = await open(runningRun().state());
    await driver.post({ type: 'patch', seq: 7, patch: {} });
    await expect
      .poll(() => driver.received.map(({ type }) => type))
      .toEqual(['snapshot', 'patch', 'snapshot']);
    expect(await page.locator('tr.tensor').count()).toBe(16);
  });

  it('sends what its buttons and links ask for', async () => {
    const page = await open(movedRun().state());
    for (const name of ['Copy as Markdown', 'Export HTML', 'Open Config', 'Run Folder']) {
      await page.getByRole('button', { name }).click();
    }
    await page.getByRole('button', { name: 'train.js:31' }).click();
    await page.getByRole('button', { name: '"conv*/**"' }).click();
    await page.getByRole('button', { name: 'hidden/bias' }).click();
    expect(driver.sent).toEqual([
      ...[{ type: 'copyMarkdown' }, { type: 'exportHtml' }, { type: 'openConfig', rule: null }],
      ...[{ type: 'openRunFolder' }, { type: 'openCause', model: 0, row: 0 }],
      ...[
        { type: 'openConfig', rule: 0 },
        { type: 'revealTensor', model: 0, row: 13 },
      ],
    ]);
  });

  it('tells the verdict of each rank, and that they hold different values', async () => {
    const page = await open(rankedRun().state());
    const section = page.locator('#section-ranks');
    expect(await section.getByRole('row').allInnerTexts()).toEqual([
      'Rank\tVerdict',
      expect.stringMatching(/^0\t.*12 frozen intact over 3 epochs$/s),
      expect.stringMatching(/^1\t.*1 frozen tensor moved$/s),
    ]);
    expect(await section.locator('.notes').innerText()).toContain('ranks 0 and 1 hold different');
    expect(await page.locator('.movements').innerText()).toContain('epoch 2 · rank 1');
    expect(await page.locator('figure', { hasText: 'gradient norm' }).count()).toBe(1);
  });

  it('adds the rules that a message offers', async () => {
    const state = rankedRun().state();
    const page = await open(state);
    const card = page.locator('.notes .card');
    expect(await card.locator('code').allInnerTexts()).toEqual([
      '"!bn2/**"',
      '{ "match": "bn1/**", "until": 2 }',
    ]);
    await card.getByRole('button', { name: 'Add these rules to permafrost.json' }).click();
    const message = state.messages.findIndex(({ code }) => code === 'gradients-exploded');
    expect(driver.sent).toEqual([{ type: 'applyRules', message }]);
  });

  it('warns of a fall-back, offers to install the engine and to keep the frozen prefix', async () => {
    const page = await open(engineRun().state());
    const cards = page.locator('.warnings li.card');
    expect(await cards.count()).toBe(2);
    expect(await cards.nth(0).innerText()).toContain(`${FALLBACK}.`);
    expect(await cards.nth(1).innerText()).toContain('about 6.2 times faster');
    expect(await cards.nth(1).locator('code').innerText()).toBe('"cache": "auto"');
    const facts = await page.locator('dl.facts').first().innerText();
    expect(facts).toContain('CPU (JavaScript), not the gpu that was asked for');
    expect(facts).toMatch(
      /Cache\s+not asked for; with it an epoch would be about 6\.2 times faster/,
    );
    await page.getByRole('button', { name: 'Set Up GPU Engine' }).click();
    await page.getByRole('button', { name: 'Add this to permafrost.json' }).click();
    await expect.poll(() => driver.sent).toEqual([{ type: 'setUpEngine' }, { type: 'useCache' }]);
  });

  it('shows one of several models at a time, chosen by name and standing', async () => {
    const both = intactRun(2);
    both.events.splice(-2);
    const tensors = [{ ...tensor(), name: 'dense_1/kernel', module: 'dense_1' }];
    both
      .model(tensors, { 'dense_1/kernel': 0 }, 'generator')
      .epochStarted(1, 1, 'generator')
      .epochEnded(1, {}, 'generator')
      .verified(
        ...([
          1,
          0,
          [{ name: 'dense_1/kernel', verdict: 'moved', elements: 1, maxDelta: 1 }],
        ] as const),
        ...([{}, 'generator'] as const),
      )
      .ended();
    const page = await open(both.state());
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'generator: 1 moved' }).click();
    expect(await page.locator('tr.tensor th').allInnerTexts()).toEqual(['dense_1/kernel']);
  });

  it('runs nothing that a name holds', async () => {
    const name = '<img src=x onerror="window.hit=1">';
    const run = new RunFixture().start([name]).model([{ ...tensor(), name }], { [name]: 0 });
    const page = await open(run.epochStarted(1, 1).state());
    expect(await page.locator('tr.tensor th').innerText()).toBe(name);
    expect(await page.locator('img').count()).toBe(0);
  });

  it('says so when the run is gone', async () => {
    const page = await open(runningRun().state());
    await driver.post({ type: 'absent', runId: 'x' });
    await expect.poll(() => page.locator('h1').innerText()).toContain('not on disk');
  });
});

function tensor(): Parameters<RunFixture['model']>[0][number] {
  return {
    ...{ name: 'a', kind: 'parameter', module: 'a', type: 'Dense', dtype: 'float32' },
    shape: [2, 2],
  };
}

/** What a screen reader is told of each epoch of a tensor. */
function rowTexts(page: Page, name: string): Promise<string[]> {
  const row = page.locator('tr.tensor').filter({ has: page.locator(`.label:text-is("${name}")`) });
  return row.locator('td.cell').allTextContents();
}

function activeCell(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => {
    const id = document.activeElement?.getAttribute('aria-activedescendant');
    return id == null ? null : document.getElementById(id)?.textContent;
  });
}
