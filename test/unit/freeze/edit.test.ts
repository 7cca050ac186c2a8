import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import {
  addRule,
  addRules,
  applyConfigEdits,
  editFreeze,
  newConfigText,
  setModel,
  setWord,
  thawAll,
  trainOnly,
} from '../../../src/freeze/edit';
import type { NamedModel } from '../../../src/freeze/tensor';
import { digits, layer, model, transformer } from './models';

/** The tensors whose name the expression matches. */
const select = (models: readonly NamedModel[], name: RegExp) =>
  models.flatMap((each) =>
    each.tensors
      .filter((tensor) => name.test(tensor.name))
      .map((tensor) => ({ model: each.name, name: tensor.name })),
  );

function edited(text: string, name: RegExp, freeze: boolean, models = [digits]): string {
  return applyConfigEdits(text, editFreeze(text, models, select(models, name), freeze));
}

const rulesOf = (text: string) => parseConfig(text).config?.rules.map((rule) => rule.text);

/** The rules after one edit of a config with these rules. */
function rulesAfter(
  freeze: readonly unknown[],
  name: RegExp,
  to: 'freeze' | 'thaw',
  models = [digits],
): readonly string[] | undefined {
  return rulesOf(edited(JSON.stringify({ freeze }), name, to === 'freeze', models));
}

const EMPTY = newConfigText('node train.js');

describe('a tick writes the shortest honest rule', () => {
  it.each<[string, RegExp, string[]]>([
    ['a whole layer', /^conv1/, ['"conv1/**"']],
    ['one tensor', /^conv1.kernel/, ['"conv1/kernel"']],
    ['four layers', /^(conv|bn)/, ['"{conv1,bn1,conv2,bn2}/**"']],
    ['two layers', /^conv/, ['"conv1/**"', '"conv2/**"']],
    ['a whole model', /./, ['"**"']],
    [
      'one statistic with its sibling',
      /^bn1.moving_mean/,
      ['{ "match": "bn1/**", "tensors": "statistics" }'],
    ],
    [
      'the parameters of a layer',
      /^bn1.(gamma|beta)/,
      ['{ "match": "bn1/**", "tensors": "parameters" }'],
    ],
    ['all statistics', /moving/, ['{ "match": "**", "tensors": "statistics" }']],
    ['all biases', /bias$/, ['"**/bias"']],
  ])('%s', (_, name, rules) => {
    expect(rulesOf(edited(EMPTY, name, true))).toEqual(rules);
  });

  it('for deeply nested modules with dots', () => {
    const models = [transformer(12)];
    expect(rulesAfter([], /^encoder\.layer\.3\./, 'freeze', models)).toEqual([
      '"encoder.layer.3.**"',
    ]);
    expect(rulesAfter([], /^encoder\.layer\.[0-2]\./, 'freeze', models)).toEqual([
      '"encoder.layer.{0,1,2}.**"',
    ]);
    expect(rulesAfter([], /\.bias$/, 'freeze', models)).toEqual(['"**.bias"']);
    expect(rulesAfter([], /\.norm\d\./, 'freeze', models)).toEqual([
      '{ "match": "**", "type": "BatchNorm1d" }',
    ]);
  });

  it('and names the model when another has the same tensors', () => {
    const models = [
      model('G', 'Generator', layer('fc', 'Linear', '.')),
      model('D', 'Discriminator', layer('fc', 'Linear', '.')),
    ];
    const ofG = select(models, /./).filter((each) => each.model === 'G');
    const text = applyConfigEdits(EMPTY, editFreeze(EMPTY, models, ofG, true));
    expect(rulesOf(text)).toEqual(['{ "match": "**", "model": "G" }']);
    expect(rulesAfter([], /./, 'freeze', models)).toEqual(['"**"']);
  });

  it('and escapes what has a meaning in patterns', () => {
    const models = [model('m', 'M', layer('!w[0]{a,b}*', 'Dense'))];
    expect(rulesAfter([], /kernel/, 'freeze', models)).toEqual([
      '"\\\\!w\\\\[0\\\\]\\\\{a\\\\,b\\\\}\\\\*/kernel"',
    ]);
  });

  it('and nests braces no deeper than a pattern may', () => {
    const modules = Array.from({ length: 1600 }, (_, at) => `a${at % 40}.b${Math.floor(at / 40)}`);
    const models = [
      model(
        'm',
        'M',
        [...modules, 'x'].flatMap((each) => layer(each, 'Dense', '.')),
      ),
    ];
    const text = edited(EMPTY, /^a.*weight/, true, models);
    expect(parseConfig(text).problems).toEqual([]);
    expect(editFreeze(text, models, select(models, /^a.*weight/), true)).toEqual([]);
    expect(rulesOf(text)?.length).toBeLessThan(20);
  });

  it('and takes out what it makes needless, but no rule with a window', () => {
    const windowed = { match: 'conv1/**', until: 5 };
    expect(rulesAfter(['conv1/kernel', '!conv2/bias', windowed], /^conv1/, 'freeze')).toEqual([
      '"!conv2/bias"',
      JSON.stringify(windowed),
      '"conv1/**"',
    ]);
  });

  it('not at all when all is so already', () => {
    expect(
      editFreeze('{"freeze":["conv*/**"]}', [digits], select([digits], /^conv1/), true),
    ).toEqual([]);
    expect(editFreeze(EMPTY, [digits], select([digits], /./), false)).toEqual([]);
  });
});

describe('an untick', () => {
  it('takes out the rule that says just that', () => {
    expect(rulesAfter(['bn1/**', 'conv1/**', '!x'], /^bn1/, 'thaw')).toEqual([
      '"conv1/**"',
      '"!x"',
    ]);
  });

  it('takes out several rules where that is all it needs', () => {
    expect(rulesAfter(['conv1/**', 'bn1/**', 'conv2/**'], /^conv/, 'thaw')).toEqual(['"bn1/**"']);
  });

  it('appends a thaw where a rule freezes more', () => {
    expect(rulesAfter(['**'], /^dense/, 'thaw')).toEqual(['"**"', '"!dense/**"']);
    expect(rulesAfter(['**'], /moving/, 'thaw')).toEqual([
      '"**"',
      '{ "match": "**", "tensors": "statistics", "freeze": false }',
    ]);
  });

  it('is taken back by a tick, which takes out the thaw', () => {
    expect(rulesAfter(['**', '!dense/**'], /^dense/, 'freeze')).toEqual(['"**"']);
  });

  it('ends a window, too', () => {
    expect(rulesAfter([{ match: 'conv1/**', until: 5 }], /^conv1/, 'thaw')).toEqual([]);
  });
});

describe('an edit keeps the layout', () => {
  it.each([
    ['an empty list', EMPTY],
    ['indented by four', '{\n    "freeze": [\n        "dense/**"\n    ],\n    "onMove": "stop"\n}'],
    ['tabs', '{\n\t"freeze": [\n\t\t"dense/**"\n\t]\n}\n'],
    ['CRLF', '{\r\n  "freeze": [\r\n    "dense/**"\r\n  ]\r\n}\r\n'],
    ['one line', '{"command": "x", "freeze": ["dense/**"]}'],
    ['one line without rules', '{"freeze":[],"onMove":"stop"}'],
    ['a list on one line', '{\n  "freeze": [ "dense/**" , "bn1/**"],\n  "onMove":"stop"}'],
    ['objects on several lines', '{\n  "freeze": [\n    {\n      "match": "bn1/**"\n    }\n  ]\n}'],
    ['a byte order mark', '\uFEFF{\n  "freeze": ["dense/**"]\n}'],
  ])('and a tick and an untick give it back byte for byte: %s', (_, text) => {
    for (const name of [/^conv1/, /^conv/, /^conv1.bias|^bn2.moving/]) {
      const ticked = edited(text, name, true);
      expect(ticked).not.toBe(text);
      expect(parseConfig(ticked).problems).toEqual([]);
      expect(edited(ticked, name, false)).toBe(text);
    }
  });

  it('as the lines around it stand', () => {
    expect(edited('{\n\t"freeze": [\n\t\t"dense/**"\n\t]\n}\n', /^conv1/, true)).toBe(
      '{\n\t"freeze": [\n\t\t"dense/**",\n\t\t"conv1/**"\n\t]\n}\n',
    );
    expect(edited('{"freeze": ["dense/**"]}', /^conv1/, true)).toBe(
      '{"freeze": ["dense/**", "conv1/**"]}',
    );
    expect(edited('{\r\n  "freeze": []\r\n}', /^conv1/, true)).toBe(
      '{\r\n  "freeze": [\r\n    "conv1/**"\r\n  ]\r\n}',
    );
  });

  it('where rules go from the front, the middle and the end', () => {
    const text = '{\n  "freeze": [\n    "conv1/**",\n    "bn1/**",\n    "dense/**"\n  ]\n}';
    expect(edited(text, /^conv1/, false)).toBe(text.replace('"conv1/**",\n    ', ''));
    expect(edited(text, /^bn1/, false)).toBe(text.replace('"bn1/**",\n    ', ''));
    expect(edited(text, /^dense/, false)).toBe(text.replace(',\n    "dense/**"', ''));
    expect(edited(text, /^(conv1|dense)/, false)).toBe('{\n  "freeze": [\n    "bn1/**"\n  ]\n}');
  });

  it('and adds the key behind the command where it is missing', () => {
    expect(edited('{\n  "command": "x",\n  "onMove": "stop"\n}', /^conv1/, true)).toBe(
      '{\n  "command": "x",\n  "freeze": [\n    "conv1/**"\n  ],\n  "onMove": "stop"\n}',
    );
    expect(edited('{\n  "onMove": "stop"\n}', /^conv1/, true)).toBe(
      '{\n  "freeze": [\n    "conv1/**"\n  ],\n  "onMove": "stop"\n}',
    );
    expect(edited('{}', /^conv1/, true)).toBe('{\n  "freeze": [\n    "conv1/**"\n  ]\n}');
    expect(edited('', /^conv1/, true)).toBe('{\n  "freeze": [\n    "conv1/**"\n  ]\n}\n');
  });

  it('and touches nothing in a config with errors', () => {
    expect(editFreeze('{"freeze": [}', [digits], select([digits], /./), true)).toEqual([]);
    expect(addRule('{"freeze": 1}', 'a')).toEqual([]);
  });
});

describe('the commands', () => {
  it('append a rule as it is', () => {
    const rule = { match: '**', type: '*BatchNorm*', tensors: 'statistics' };
    expect(rulesOf(applyConfigEdits(EMPTY, addRule(EMPTY, rule)))).toEqual([
      '{ "match": "**", "type": "*BatchNorm*", "tensors": "statistics" }',
    ]);
  });

  it('append several rules once, however they are written', () => {
    const advised = ['!layer4.**', { match: 'bn1.**', freeze: false }];
    const text = applyConfigEdits(EMPTY, addRules(EMPTY, advised));
    expect(rulesOf(text)).toEqual(['"!layer4.**"', '{ "match": "bn1.**", "freeze": false }']);
    expect(addRules(text, advised)).toEqual([]);
    expect(addRules(text.replace('{ "match": "bn1.**",', '{"match":"bn1.**",'), advised)).toEqual(
      [],
    );
    const later = applyConfigEdits(text, addRule(text, 'layer4.**'));
    expect(addRules(later, advised)).toHaveLength(1);
  });

  it('thaw all by emptying the list', () => {
    const text = edited(EMPTY, /^conv|moving/, true);
    expect(applyConfigEdits(text, thawAll(text))).toBe(EMPTY);
    expect(thawAll(EMPTY)).toEqual([]);
  });

  it('train only what is selected or matches patterns', () => {
    const text = '{"freeze": ["conv1/**", "bn1/**"]}';
    const only = (selection: Parameters<typeof trainOnly>[2]) =>
      applyConfigEdits(text, trainOnly(text, [digits], selection));
    expect(only(['dense/**'])).toBe('{"freeze": ["**", "!dense/**"]}');
    expect(only(select([digits], /^(dense|bn2)/))).toBe(
      '{"freeze": ["**", "!bn2/**", "!dense/**"]}',
    );
  });

  it('begin a config that is valid and freezes nothing', () => {
    expect(newConfigText('node train.js')).toBe(
      '{\n  "command": "node train.js",\n  "freeze": []\n}\n',
    );
    expect(newConfigText(undefined)).toBe('{\n  "freeze": []\n}\n');
  });
});

describe('setWord', () => {
  const set = (text: string, word = 'auto'): string =>
    applyConfigEdits(text, setWord(text, 'cache', word));

  it.each([
    ['{"freeze":[]}', '{"freeze":[],"cache": "auto"}'],
    ['{}', '{ "cache": "auto" }'],
    ['{ "cache": "off", "freeze": [] }', '{ "cache": "auto", "freeze": [] }'],
    ['\uFEFF{ "freeze": [] }', '\uFEFF{ "freeze": [], "cache": "auto" }'],
    ['{\r\n\t"freeze": [\r\n\t]\r\n}', '{\r\n\t"freeze": [\r\n\t],\r\n\t"cache": "auto"\r\n}'],
    ['', '{\n  "freeze": [],\n  "cache": "auto"\n}\n'],
  ])('writes into %j', (before, after) => {
    expect(set(before)).toBe(after);
    expect(parseConfig(after).config?.cache).toBe('auto');
  });

  it('leaves what says so already, and what is broken', () => {
    expect(setWord('{ "cache": "auto" }', 'cache', 'auto')).toEqual([]);
    expect(setWord('{ "cache": ', 'cache', 'auto')).toEqual([]);
  });

  it('never takes the word of a rule for its own', () => {
    const text = '{ "freeze": ["cache", { "match": "engine" }] }';
    expect(parseConfig(set(text)).config?.rules).toHaveLength(2);
    expect(set(text)).toContain('"freeze": ["cache", { "match": "engine" }], "cache": "auto"');
  });
});

describe('setModel', () => {
  const set = (text: string, path: string | null): string =>
    applyConfigEdits(text, setModel(text, path));

  it('stands behind the command, as the other keys stand', () => {
    const lines = '{\n    "command": "x",\n    "freeze": []\n}\n';
    expect(set(lines, 'a.pt')).toBe(
      '{\n    "command": "x",\n    "model": "a.pt",\n    "freeze": []\n}\n',
    );
    expect(set('{"command":"x","freeze":[]}', 'a.pt')).toBe(
      '{"command":"x","model": "a.pt","freeze":[]}',
    );
    expect(set('{\r\n\t"freeze": []\r\n}', 'a.pt')).toBe(
      '{\r\n\t"model": "a.pt",\r\n\t"freeze": []\r\n}',
    );
    expect(set('{}', 'a "b".pt')).toBe('{ "model": "a \\"b\\".pt" }');
    expect(set('\uFEFF{ "freeze": [] }', 'a.pt')).toBe('\uFEFF{ "model": "a.pt", "freeze": [] }');
    expect(set('', 'a.pt')).toBe('{\n  "model": "a.pt",\n  "freeze": []\n}\n');
  });

  it('replaces the value alone, not that of a rule', () => {
    const text = '{ "freeze": [{ "match": "a", "model": "G" }] , "model" :  "a.pt" }';
    expect(set(text, 'b.pt')).toBe(text.replace('a.pt', 'b.pt'));
    expect(setModel(text, 'a.pt')).toEqual([]);
  });

  it('comes out with its comma, wherever it stands', () => {
    expect(set('{ "model": "a.pt", "freeze": [] }', null)).toBe('{ "freeze": [] }');
    expect(set('{\n  "freeze": [],\n  "model": "a.pt"\n}', null)).toBe('{\n  "freeze": []\n}');
    expect(set('{\n  "command": "x",\n  "model": "a.pt",\n  "freeze": []\n}', null)).toBe(
      '{\n  "command": "x",\n  "freeze": []\n}',
    );
    expect(set('{"model": "a.pt"}', null)).toBe('{}');
    expect(setModel('{"freeze": []}', null)).toEqual([]);
    expect(setModel('', null)).toEqual([]);
  });

  it('leaves a config with errors alone', () => {
    expect(setModel('{ "modle": "a.pt" }', 'b.pt')).toEqual([]);
    expect(setModel('{ "model": ', 'b.pt')).toEqual([]);
  });
});
