import { describe, expect, it } from 'vitest';
import { hoverText } from '../../../src/editor/config/hoverText';
import { parseConfig, type Rule } from '../../../src/freeze/config';
import type { ModelInfo } from '../../../src/model/inspection';
import { model, tensor } from './models';

const net = model('net', [
  tensor('a.weight', { shape: [100, 10] }),
  tensor('a.bias', { shape: [100] }),
  tensor('bn.weight', { shape: [100], dtype: 'float16' }),
  tensor('bn.running_mean', { shape: [100] }),
  tensor('bn.running_var', { shape: [100] }),
  tensor('head.weight', { shape: [10, 100] }),
]);

function rulesOf(...freeze: readonly unknown[]): readonly Rule[] {
  return parseConfig(JSON.stringify({ freeze }, null, 1)).config?.rules ?? [];
}

const hover = (freeze: readonly unknown[], index: number, models: readonly ModelInfo[] = [net]) =>
  hoverText(rulesOf(...freeze), index, models);

describe('the hover of a rule', () => {
  it('counts tensors, parameters and bytes, and names the first', () => {
    expect(hover(['a.**'], 0)).toBe(
      'Matches **2 tensors**: 1,100 parameters, 4.4 kB.  \n' +
        'Freezes all of them.  \n' +
        '`a.weight`, `a.bias`',
    );
    expect(hover(['**'], 0)).toBe(
      'Matches **6 tensors** (2 of them statistics): 2,200 parameters, 9.4 kB.  \n' +
        'Freezes all of them.  \n' +
        '`a.weight`, `a.bias`, `bn.weight`, `bn.running_mean`, `bn.running_var` and 1 more',
    );
    expect(hover([{ match: '**', tensors: 'statistics' }], 0)).toContain(
      'Matches **2 tensors** (statistics): 800 B.',
    );
  });

  it('says what later rules take from it', () => {
    expect(hover(['**', '!head.**', 'bn.**'], 0)).toContain(
      'Freezes **2** of them: 1,100 parameters, 4.4 kB. ' +
        'Later rules decide about the 4 others, such as `"bn.**"` in line 5.',
    );
    expect(hover(['**', '!head.**'], 1)).toContain('Thaws all of them.');
    expect(hover(['a.**', '**'], 0)).toContain(
      '**Has no effect**: later rules decide about all of them, such as `"**"` in line 4.',
    );
  });

  it('tells the epochs', () => {
    expect(hover([{ match: 'a.**', until: 5 }], 0)).toContain('Freezes all of them until epoch 5.');
    expect(hover(['**', { match: '!a.**', until: 2 }, '!head.**'], 0)).toContain(
      'Freezes **5** of them: 1,200 parameters, 5.4 kB, in different epochs. Later',
    );
    expect(hover([{ match: 'a.**', from: 3 }], 0)).toContain('Freezes all of them from epoch 3.');
    expect(hover([{ match: 'a.**', from: 3, until: 3 }], 0)).toContain('them in epoch 3.');
    expect(hover(['a.**', { match: '!**', from: 2, until: 4 }], 0)).toContain(
      'Freezes all of them in epoch 1 and from epoch 5.',
    );
    expect(hover(['**', { match: '!a.**', from: 2 }], 0)).toContain(
      'Freezes all of them in different epochs.',
    );
  });

  it('tells each model that it matches, when there are several', () => {
    const copy = { ...model('ema', ['a.weight']), copyOf: 'net' };
    const other = model('other', ['b.weight']);
    expect(hover(['a.weight'], 0, [net, copy, other])).toBe(
      'In `net`:  \nMatches **1 tensor**: 1,000 parameters, 4.0 kB.  \nFreezes all of them.  \n' +
        '`a.weight`\n\n' +
        'In `ema`, a copy of `net`:  \nMatches **1 tensor**: 4 parameters, 16 B.  \n' +
        'Freezes all of them.  \n`a.weight`',
    );
    const many = Array.from({ length: 7 }, (_, index) => model(`m${String(index)}`, ['a.weight']));
    expect(hover(['**'], 0, many)).toMatch(/It matches in 2 more models\.$/);
  });

  it('leaves out sizes that it cannot know', () => {
    const strange = model('net', [tensor('a.weight', { dtype: 'posit16' }), tensor('a.bias')]);
    expect(hover(['a.**'], 0, [strange])).toContain('Matches **2 tensors**: 8 parameters.');
  });

  it('shows names as text, whatever they hold', () => {
    const odd = model('a`b', [
      tensor('x`](command:evil) <img src=x>\u202e\n# w', { module: '' }),
      tensor('plain'),
    ]);
    const text = hover(['**'], 0, [odd, net]) ?? '';
    expect(text).toContain('In ``a`b``:');
    expect(text).toContain('``x`](command:evil) <img src=x>\\u202e\\u000a# w``, `plain`');
  });

  it('is none for a rule that matches nothing', () => {
    expect(hover(['z.**'], 0)).toBeUndefined();
    expect(hover(['**'], 0, [])).toBeUndefined();
  });

  it('takes under 50 ms at 100,000 tensors after the first time', () => {
    const large = model(
      'large',
      Array.from(
        { length: 100_000 },
        (_, index) => `layer.${String(index >> 4)}.w${String(index % 16)}`,
      ),
    );
    const rules = rulesOf('**', '!layer.1*.**', { match: 'layer.2*.**', until: 5 });
    hoverText(rules, 0, [large]);
    const begin = performance.now();
    expect(hoverText(rules, 0, [large])).toContain('**100,000 tensors**');
    expect(hoverText(rules, 2, [large])).toContain('until epoch 5');
    expect(performance.now() - begin).toBeLessThan(50);
  });
});
