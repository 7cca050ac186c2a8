import { describe, expect, it } from 'vitest';
import { modelMissing } from '../../../src/editor/config/modelMissing';
import { modelFixes, modelPath } from '../../../src/editor/config/modelPath';
import { ruleFixes, type Fix } from '../../../src/editor/config/ruleFixes';
import { parseConfig } from '../../../src/freeze/config';
import { applyConfigEdits } from '../../../src/freeze/edit';
import type { ModelInfo } from '../../../src/model/inspection';
import { model, tensor } from './models';

const net = model('net', [
  tensor('features.0.weight', { type: 'Conv2d' }),
  tensor('features.0.bias', { type: 'Conv2d' }),
  tensor('head.weight', { type: 'Linear' }),
]);

function fixesOf(text: string, index: number, models: readonly ModelInfo[] = [net]) {
  const rules = parseConfig(text).config?.rules ?? [];
  return ruleFixes(text, rules, index, models).map((fix) => [fix.title, applied(text, fix)]);
}

const applied = (text: string, { edits }: Fix): string => applyConfigEdits(text, edits);

describe('the fixes of a rule', () => {
  it('that matches nothing are the nearest patterns and to remove it', () => {
    const text = '{\n    "freeze": [\n        "head.*",\n        "!feature.**" \n    ] }\n';
    const fixes = fixesOf(text, 1);
    expect(fixes[0]).toEqual([
      'Replace by "features.**"',
      '{\n    "freeze": [\n        "head.*",\n        "!features.**" \n    ] }\n',
    ]);
    expect(fixes.at(-1)).toEqual([
      'Remove the rule',
      '{\n    "freeze": [\n        "head.*" \n    ] }\n',
    ]);
    expect(fixes).toHaveLength(4);
  });

  it('replace the pattern of an object rule alone, wherever else the word stands', () => {
    const text = '{"freeze": [{"type": "haed", "match" : "haed", "until":2}]}';
    expect(fixesOf(text, 0)[0]?.[1]).toBe(
      '{"freeze": [{"type": "haed", "match" : "head.**", "until":2}]}',
    );
  });

  it('escape names that are special in a pattern', () => {
    const odd = model('odd', [tensor('blocks[0].w"1')]);
    const text = String.raw`{"freeze": ["blocks\\[0\\].w1"]}`;
    expect(fixesOf(text, 0, [odd]).map(([, after]) => after)).toContain(
      String.raw`{"freeze": ["blocks\\[0\\].w\"1"]}`,
    );
  });

  it('offer no other pattern where the pattern is not at fault', () => {
    const text = '{"freeze": [{"match": "head.**", "type": "Conv2d"}]}';
    expect(fixesOf(text, 0)).toEqual([['Remove the rule', '{"freeze": []}']]);
  });

  it('that changes nothing are to remove it', () => {
    const twice = '{"freeze": ["head.**", "features.**", "head.**"]}';
    expect(fixesOf(twice, 0)).toEqual([
      ['Remove the rule', '{"freeze": ["features.**", "head.**"]}'],
    ]);
    expect(fixesOf('{"freeze": ["head.**", "**"]}', 0)).toHaveLength(1);
    expect(fixesOf('{"freeze": ["!head.**", "features.**"]}', 0)).toHaveLength(1);
  });

  it('are none for a rule with an effect, and without models only for repeated ones', () => {
    expect(fixesOf('{"freeze": ["**", "!head.**"]}', 0)).toEqual([]);
    expect(fixesOf('{"freeze": ["**", "!head.**"]}', 1)).toEqual([]);
    expect(fixesOf('{"freeze": ["nothing"]}', 0, [])).toEqual([]);
    expect(fixesOf('{"freeze": ["a", "a"]}', 0, [])).toHaveLength(1);
    expect(fixesOf('{"freeze": ["a", "a"]}', 1, [])).toEqual([]);
  });
});

describe('a checkpoint that is not there', () => {
  const text = '{\n  "freeze": [],\n  "model": "ckpt/best.pt"\n}';

  it('is told at its place', () => {
    expect(modelMissing(text, 'ckpt/best.pt')).toEqual({
      ...{ severity: 'warning', line: 3, column: 12, offset: 29, length: 14 },
      text: 'There is no "ckpt/best.pt" in the folder of permafrost.json.',
      advice: 'Correct the path, or remove "model": names then come from an inspection.',
    });
    expect(modelMissing('{"model": "/a\u202e.pt"}', '/a\u202e.pt').text).toBe(
      String.raw`There is no "/a\u202e.pt".`,
    );
  });

  it('is replaced by the same name elsewhere, then the nearest, or removed', () => {
    const files = ['ckpt/last.pt', 'checkpoints/best.pt', 'old/model.safetensors', 'ckpt/beste.pt'];
    const fixes = modelFixes(text, 'ckpt/best.pt', files);
    expect(fixes.map(({ title }) => title)).toEqual([
      'Replace by "checkpoints/best.pt"',
      'Replace by "ckpt/beste.pt"',
      'Replace by "ckpt/last.pt"',
      'Remove "model"',
    ]);
    expect(fixes.map((fix) => applied(text, fix))).toContain('{\n  "freeze": []\n}');
    expect(fixes[0] && applied(text, fixes[0])).toBe(
      '{\n  "freeze": [],\n  "model": "checkpoints/best.pt"\n}',
    );
  });

  it('is named relative to the folder', () => {
    expect(modelPath('/work', '/work/ckpt/a.pt')).toBe('ckpt/a.pt');
    expect(modelPath('/work', '/elsewhere/a.pt')).toBe('/elsewhere/a.pt');
  });
});
