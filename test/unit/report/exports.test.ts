import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../src/runs/report/html';
import { renderMarkdown } from '../../../src/runs/report/markdown';
import { initialState } from '../../../src/runs/reduce/reduce';
import { bigRun, DIGITS, intactRun, movedRun, rankedRun, RunFixture } from './runFixture';

const HOSTILE = '</code><img src=x onerror=alert(1)>"\'|`@ada **x**\u202e\u0000';

function hostileRun(): RunFixture {
  const [tensor] = DIGITS;
  if (tensor === undefined) throw new Error('no tensor');
  const named = { ...tensor, name: HOSTILE, module: HOSTILE, type: HOSTILE, dtype: HOSTILE };
  const cause = { kind: 'assign' as const, text: HOSTILE, file: HOSTILE, line: 1 };
  return new RunFixture()
    .start([HOSTILE], HOSTILE)
    .model([named], { [HOSTILE]: 0 }, HOSTILE)
    .epochStarted(1, 1, HOSTILE)
    .epochEnded(1, { [HOSTILE]: 1 }, HOSTILE)
    .verified(
      ...([1, 0, [{ name: HOSTILE, verdict: 'moved', elements: 1, maxDelta: 1, cause }]] as const),
      { normalization: [{ module: HOSTILE, mode: 'batch', frozen: true }], unmoved: [] },
      HOSTILE,
    )
    .add({ type: 'message', level: 'warning', code: 'x', text: HOSTILE, advice: HOSTILE })
    .ended();
}

describe('the Markdown report', () => {
  it('begins with the verdict and names what moved with epoch, size and cause', () => {
    const markdown = renderMarkdown(movedRun().state());
    expect(markdown.split('\n')[0]).toMatch(
      /^\*\*3 frozen tensors moved: conv1\/kernel in epoch 2/,
    );
    expect(markdown).toContain(
      '| `conv1/kernel` | **moved** | 2 | 1 element, max \\|Δ\\| 1.0e-7; assign() was called at `train.js:31` |',
    );
  });

  it('tells frozen groups, metrics and parameters', () => {
    const markdown = renderMarkdown(intactRun().state());
    expect(markdown).toContain('| `conv1` | 2 | 80 | intact |');
    expect(markdown).toContain('| `bn2` | 4 | 64 | intact |');
    expect(markdown).toContain('| Epoch | loss | acc | val\\_loss | val\\_acc |');
    expect(markdown).toContain('- Trainable parameters: 9,685 → 8,389 (86.6%)');
  });

  it('says NaN where the script logged NaN', () => {
    expect(renderMarkdown(movedRun().state())).toContain('| 5 | NaN |');
  });

  it('leaves out where the project lies on the disk', () => {
    expect(renderMarkdown(intactRun().state())).not.toContain('/home/ada');
    expect(renderHtml(intactRun().state())).not.toContain('/home/ada');
  });

  it('lets no name be markup, mention a user or break a table', () => {
    const markdown = renderMarkdown(hostileRun().state());
    const outside = markdown.replaceAll('\\`', '').replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/<img/);
    expect(outside).not.toMatch(/@ada/);
    expect(markdown).not.toMatch(/[\u202e\u0000]/);
    const rows = markdown
      .split('\n')
      .filter((line) => line.startsWith('| ') && line.includes('moved'));
    expect(rows.map((row) => row.match(/(?<!\\)\|/g)?.length)).toEqual(rows.map(() => 5));
  });

  it('stays short for a large model', () => {
    const markdown = renderMarkdown(bigRun(10_000, 100).state());
    expect(markdown.length).toBeLessThan(6000);
    expect(markdown).toContain('88 more epochs between these are not listed.');
  });

  it('can be made of a run of which nothing is known', () => {
    expect(renderMarkdown(initialState('x'))).toMatch(/^\*\*No model has been seen yet/);
  });
});

describe('both documents', () => {
  const state = rankedRun().state();

  it.each([
    ['Markdown', renderMarkdown(state)],
    ['HTML', renderHtml(state)],
  ])('tell ranks, the norm of gradients and offered rules in %s', (_, document) => {
    for (const told of [
      '1 frozen tensor moved',
      '12 frozen intact over 3 epochs',
      'ranks 0 and 1 hold different values of frozen tensors',
      '1 → NaN, NaN in epoch 3',
      '!bn2/',
    ]) {
      expect(document).toContain(told);
    }
  });

  it('name the rank of a movement', () => {
    expect(renderMarkdown(state).split('\n')[0]).toContain('in epoch 2 on rank 1');
    expect(renderHtml(state)).toContain('epoch 2 · rank 1');
  });
});

describe('the HTML report', () => {
  it('holds no script, asks for nothing and allows only its own style', () => {
    const html = renderHtml(movedRun().state());
    expect(html).not.toMatch(/<script|<link|<iframe|javascript:|https?:|url\(|style="/i);
    expect(html).toMatch(/content="default-src 'none'; style-src 'sha256-[\w+/]{43}='/);
  });

  it('shows each cell as a glyph and a word', () => {
    const html = renderHtml(movedRun().state());
    expect(html).toContain(
      '<code>conv1/kernel</code></th><td class="i">✓<i>intact</i></td><td class="m">',
    );
    expect(html).toContain(
      'moved in epoch 2: 1 element, max |Δ| 1.0e-7; assign() was called at train.js:31',
    );
  });

  it('draws the curves', () => {
    const html = renderHtml(intactRun().state());
    expect(html.match(/<polyline class="s0" points="(?:[\d.]+,[\d.]+ ?){10}"/g)).toHaveLength(2);
  });

  it('escapes whatever comes from the run', () => {
    const html = renderHtml(hostileRun().state());
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/[\u202e\u0000]/);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).toContain('\\u202e\\u0000');
  });

  it('of 10,000 tensors by 100 epochs is made in bounded time and size and says what it leaves out', () => {
    const state = bigRun(10_000, 100, (epoch) =>
      epoch < 50
        ? []
        : [
            {
              ...{ name: 'encoder.layer.2400.attention.weight', verdict: 'moved' },
              ...{ elements: 1, maxDelta: 0.5 },
            } as const,
          ],
    ).state();
    const start = performance.now();
    const html = renderHtml(state);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(html.length).toBeLessThan(4_000_000);
    expect(html).toContain('<code>encoder.layer.2400.attention.weight</code></th>');
    expect(html).toMatch(/8,000 further tensors are not listed.*intact/);
    expect(html).toContain('>1–49</th>');
  });

  it('can be made of a run of which nothing is known', () => {
    expect(renderHtml(initialState('x'))).toContain('<h1>No model has been seen yet</h1>');
  });
});
