import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/model/compare/comparison';
import { comparisonView } from '../../../src/runs/report/comparisonView';
import {
  renderComparisonHtml,
  renderComparisonMarkdown,
} from '../../../src/runs/report/reportExport';
import type { ModelView } from '../../../src/runs/report/reportView';
import { MEANINGS, WORDS, WORST_FIRST } from '../../../src/report/verdicts';
import { changed, compared, comparison, EQUAL, file, movedComparison } from './comparisonFixture';

function only(view: { readonly models: readonly ModelView[] }): ModelView {
  const [model] = view.models;
  if (model === undefined) throw new Error('there is no model');
  return model;
}

describe('the report on two checkpoints', () => {
  const view = comparisonView(movedComparison());
  const model = only(view);

  it('calls what is frozen and differs an error, with what and by how much', () => {
    expect(view.head).toMatchObject({
      ...{ tone: 'moved', headline: '3 frozen tensors moved', status: 'start.pt → end.pt' },
    });
    expect(view.head.detail).toBe(
      '1 other frozen tensor is intact. Of the others: 1 not verified, 1 another shape or type, 1 gone, 1 new, 1 changed, 1 equal.',
    );
    expect(view.head.movements.map(({ name, when, size }) => [name, when, size])).toEqual([
      ['stem.weight', '', '2 elements, max |Δ| 3.0e-2, relative L2 1.2e-3'],
      ['stem.gone', '', 'only in start.pt'],
      ['stem.cast', '', 'float32 → bfloat16'],
    ]);
  });

  it('has a cell for each tensor by what was found and what was expected', () => {
    expect(model.columns.map(({ title, cells }) => [title, cells])).toEqual([['→', 'mismcegvdn']]);
  });

  it('tells in words what differs, and nothing of what is equal', () => {
    const found = model.problems.map(({ row, text }) => [model.tensors[row]?.name, text]);
    expect(found).toContainEqual(['head.shape', '2×3 → 4×3']);
    expect(found).toContainEqual(['head.new', 'only in end.pt']);
    expect(found).toContainEqual(['head.torn', 'its compression is damaged']);
    expect(found.map(([name]) => name)).not.toContain('stem.bias');
    expect(found.map(([name]) => name)).not.toContain('head.bias');
  });

  it('remarks on trainable tensors that are equal', () => {
    expect(model.unmoved.map((row) => model.tensors[row]?.name)).toEqual(['head.bias']);
    expect(view.notes.map(({ level, text }) => [level, text])).toEqual([
      ['info', '1 tensor that no rule freezes is equal nonetheless.'],
    ]);
  });

  it('puts the rules beside it', () => {
    expect(view.rules).toEqual([{ text: '"stem.**"', matched: 4, frozen: 4 }]);
    expect(model.tensors.map(({ frozen }) => frozen).slice(3, 5)).toEqual(['frozen', '']);
  });

  it('counts all that happened', () => {
    expect(model.summary).toBe(
      '4 of 10 tensors frozen by the rules: 2 moved, 1 missing, 1 intact. The others: 1 not verified, 1 another shape or type, 1 gone, 1 new, 1 changed, 1 equal.',
    );
    expect([model.standing, model.tone]).toEqual(['3 moved', 'moved']);
  });
});

describe('the verdict on compared checkpoints', () => {
  const files = [file('a.pt'), file('b.pt')];

  it.each([
    [
      'intact',
      comparison(files, [compared('stem.w', 'frozen', [EQUAL])]),
      ['intact', '1 frozen tensor is intact', 'Every byte compared.'],
    ],
    [
      'intact by checksums, beside what trained',
      comparison(files, [
        compared('stem.w', 'frozen', [{ kind: 'equal', by: 'crc32' }]),
        compared('head.w', 'trainable', [changed(1)]),
      ]),
      [
        'intact',
        '1 frozen tensor is intact',
        'By the CRC-32 checksums that both files hold. Of the others: 1 changed.',
      ],
    ],
    [
      'nothing frozen',
      comparison(files, [compared('head.w', 'trainable', [changed(1)])]),
      ['nothing frozen', 'Nothing is frozen', /^No rule freezes a tensor/],
    ],
    [
      'different, without rules',
      comparison(files, [compared('w', 'unknown', [changed(1)])], { config: null }),
      ['different', '1 tensor differs', '1 changed.'],
    ],
    [
      'equal, without rules',
      comparison(files, [compared('w', 'unknown', [EQUAL])], { config: null }),
      ['equal', /^All 1 tensor/, 'Every byte compared.'],
    ],
  ] as const)('%s', (_, found, [tone, headline, detail]) => {
    const { head } = comparisonView(found);
    expect(head.tone).toBe(tone);
    expect(head.headline).toMatch(headline);
    expect(head.detail).toMatch(detail);
  });

  it('never calls a frozen tensor intact that could not be read', () => {
    const torn = comparison(files, [
      compared('stem.w', 'frozen', [EQUAL]),
      compared('stem.b', 'frozen', [{ kind: 'unreadable', reason: 'the shard is not there' }]),
    ]);
    const view = comparisonView(torn);
    expect(view.head.tone).toBe('not verified');
    expect(view.head.headline).not.toContain('intact');
    expect(only(view).standing).toBe('1 not verified');
  });

  it('has no rules to show, and no remark, when it is without a config', () => {
    const view = comparisonView(
      comparison(files, [compared('w', 'unknown', [EQUAL])], { config: null }),
    );
    expect(view.rules).toEqual([]);
    expect(only(view).unmoved).toEqual([]);
    expect(view.notes).toEqual([]);
  });

  it('warns of a rule that matches nothing, and of what the files warn of', () => {
    const warning = { text: 'it would run os.system', advice: 'Do not load it.', offset: 1234 };
    const view = comparisonView(
      comparison(
        [file('a.pt', { warnings: [warning] }), file('b.pt')],
        [compared('w', 'trainable', [changed(1)])],
      ),
    );
    expect(view.notes.map(({ level, text, advice }) => [level, text, advice])).toEqual([
      ['warning', 'a.pt, offset 1,234: it would run os.system', 'Do not load it.'],
      ['warning', 'Rule 1 matches nothing in these files: "stem.**"', ''],
    ]);
  });
});

describe('the matrix of many checkpoints', () => {
  const epochs = (count: number): Comparison =>
    comparison(
      Array.from({ length: count }, (_, at) => file(`ckpt-${String(at)}.pt`, { epoch: at })),
      [
        compared('stem.w', 'frozen', [...Array<typeof EQUAL>(count - 2).fill(EQUAL), changed(1)]),
        compared(
          'head.w',
          'trainable',
          Array.from({ length: count - 1 }, () => changed(6)),
        ),
        compared('head.late', 'trainable', [
          { kind: 'absent' },
          { kind: 'new' },
          ...Array<typeof EQUAL>(count - 3).fill(EQUAL),
        ]),
      ],
    );

  it('has a column for each epoch but the first, headed by it', () => {
    const { columns } = only(comparisonView(epochs(5)));
    expect(columns.map(({ epoch, title, cells }) => [epoch, title, cells])).toEqual([
      [1, '1', 'icx'],
      [2, '2', 'icv'],
      [3, '3', 'ice'],
      [4, '4', 'mce'],
    ]);
    expect(columns[3]?.text).toBe('ckpt-4.pt compared with ckpt-3.pt: 1 moved, 1 changed, 1 equal');
  });

  it('says in which epoch something frozen moved', () => {
    const { head } = comparisonView(epochs(5));
    expect(head.movements.map(({ name, when }) => [name, when])).toEqual([['stem.w', 'epoch 4']]);
    expect(head.status).toContain('5 checkpoints, epochs 0 to 4');
  });

  it('heads the columns by names where not all files tell their epoch', () => {
    const files = ['a/last.pt', 'b/last.pt', 'best.pt'].map((path) => file(path));
    const tensors = [compared('w', 'trainable', [EQUAL, changed(1)])];
    const { columns, problems } = only(comparisonView(comparison(files, tensors)));
    expect(columns.map(({ title }) => title)).toEqual(['b/last.pt', 'best.pt']);
    expect(problems.map(({ when }) => when)).toEqual(['best.pt']);
  });

  it('of 20,000 tensors is made in bounded time, with few details', () => {
    const tensors = Array.from({ length: 20_000 }, (_, at) =>
      compared(`layer.${String(at)}.w`, at % 2 === 0 ? 'frozen' : 'trainable', [changed(1)]),
    );
    const start = performance.now();
    const view = comparisonView(comparison([file('a.pt'), file('b.pt')], tensors));
    expect(performance.now() - start).toBeLessThan(4_000);
    expect(view.head.movements).toHaveLength(100);
    expect(view.head.furtherMovements).toBe(9_900);
    expect(only(view).columns[0]?.details).toHaveLength(500);
  });
});

describe('the exports of a comparison', () => {
  const HOSTILE = '</code><img src=x onerror=alert(1)>"|`@ada\u202e\u0000';
  const hostile = comparison(
    [file(`${HOSTILE}.pt`), file('b.pt')],
    [compared(HOSTILE, 'frozen', [changed(1)])],
  );

  it('say in Markdown what moved, what trains and what did not', () => {
    const markdown = renderComparisonMarkdown(movedComparison());
    expect(markdown.split('\n')[0]).toMatch(/^\*\*3 frozen tensors moved\.\*\*/);
    expect(markdown).toContain(
      '| `stem.weight` | frozen | **moved** | 2 elements, max \\|Δ\\| 3.0e-2, relative L2 1.2e-3 |',
    );
    expect(markdown).toContain('| `stem` | 4 | 24 | 2 moved, 1 missing, 1 intact |');
    expect(markdown).toContain('Trainable, but equal: `head.bias`.');
  });

  it('show in HTML a glyph and a word for each cell', () => {
    const html = renderComparisonHtml(movedComparison());
    expect(html).toContain('<title>Permafrost: start.pt → end.pt</title>');
    expect(html).toContain('<td class="g">−<i>gone</i></td>');
    expect(html).toContain('moved: 2 elements, max |Δ| 3.0e-2');
    expect(html).not.toContain('<h2>Curves');
  });

  it('let no name be markup', () => {
    expect(renderComparisonHtml(hostile)).not.toMatch(/<img|[\u202e\u0000]/);
    const outside = renderComparisonMarkdown(hostile)
      .replaceAll('\\`', '')
      // A code span does not reach beyond its line here.
      .replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/<img|@ada|[\u202e\u0000]/);
  });

  it('leave out where files lie on this machine', () => {
    const local = comparison(
      [file('/home/ada/a.pt'), file('/home/ada/b.pt')],
      [compared('w', 'trainable', [changed(1)])],
    );
    expect(renderComparisonMarkdown(local)).not.toContain('/home/ada');
    expect(renderComparisonHtml(local)).not.toContain('/home/ada');
    expect(JSON.stringify(comparisonView(local).head.facts)).toContain('/home/ada/a.pt');
  });
});

it('has a word, a meaning and a place for every letter', () => {
  expect(Object.keys(MEANINGS).sort()).toEqual(Object.keys(WORDS).sort());
  expect(Array.from(WORST_FIRST).sort()).toEqual(Object.keys(WORDS).sort());
});
