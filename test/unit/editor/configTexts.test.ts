import { describe, expect, it } from 'vitest';
import { previewPattern } from '../../../src/editor/commands/patternPreview';
import { minimalReplacement } from '../../../src/editor/config/minimalReplacement';
import { ruleReplacements } from '../../../src/editor/config/ruleReplacements';
import { setCommand } from '../../../src/editor/config/setCommand';
import { parseConfig } from '../../../src/freeze/config';
import { model } from './models';

describe('minimalReplacement', () => {
  it.each([
    ['abc', 'abXc'],
    ['aaa', 'aaaa'],
    ['aaaa', 'aaa'],
    ['["a", "b"]', '["a"]'],
    ['', 'new'],
    ['old', ''],
    ['abab', 'ab'],
  ])('turns %j into %j', (before, after) => {
    const edit = minimalReplacement(before, after);
    if (edit === null) throw new Error('no edit');
    const { offset, length, text } = edit;
    expect(before.slice(0, offset) + text + before.slice(offset + length)).toBe(after);
  });

  it('touches nothing but the change', () => {
    expect(minimalReplacement('["a", "b"]', '["a", "X"]')).toEqual({
      offset: 7,
      length: 1,
      text: 'X',
    });
  });

  it('is null for equal texts', () => {
    expect(minimalReplacement('same', 'same')).toBeNull();
  });
});

describe('setCommand', () => {
  it('adds the command first and keeps the formatting', () => {
    const text = '{\n\t"freeze": ["a",  "b"]\n}\n';
    expect(setCommand(text, 'node train.js')).toBe(
      '{\n\t"command": "node train.js",\n\t"freeze": ["a",  "b"]\n}\n',
    );
  });

  it('replaces a command', () => {
    expect(
      parseConfig(setCommand('{ "command": "a", "freeze": [] }', 'b "c"')).config?.command,
    ).toBe('b "c"');
  });

  it.each([
    ['{"freeze":[]}', '{"command": "a", "freeze":[]}'],
    ['{}', '{ "command": "a" }'],
    ['', '{\n  "command": "a",\n  "freeze": []\n}\n'],
    ['\uFEFF{ "freeze": [] }', '\uFEFF{ "command": "a", "freeze": [] }'],
    ['{\r\n  "onMove": "stop"\r\n}', '{\r\n  "command": "a",\r\n  "onMove": "stop"\r\n}'],
  ])('writes a command into %j', (before, after) => {
    expect(setCommand(before, 'a')).toBe(after);
  });
});

describe('ruleReplacements', () => {
  const models = [model('net', ['features.conv1.weight', 'features.conv2.weight', 'head.weight'])];
  const replacements = (match: string): readonly string[] => {
    const [rule] = parseConfig(JSON.stringify({ freeze: [match] })).config?.rules ?? [];
    if (rule === undefined) throw new Error('not a rule');
    return ruleReplacements(rule, models);
  };

  it('offers all below a module that is named without it', () => {
    expect(replacements('features')).toEqual(['features.**']);
    expect(replacements('features.conv1')).toEqual(['features.conv1.**']);
  });

  it('offers the nearest names', () => {
    expect(replacements('haed.weight')[0]).toBe('head.weight');
  });

  it('offers nothing for a rule that matches', () => {
    expect(replacements('head.*')).toEqual([]);
  });
});

describe('previewPattern', () => {
  const models = [model('net', ['a.weight', 'a.bias', 'b.weight'])];

  it('counts what a pattern matches', () => {
    expect(previewPattern('a.*', models, 'frozen')).toEqual({
      valid: true,
      text: '2 of 3 tensors are frozen (8 elements).',
    });
  });

  it('says that a leading ! thaws', () => {
    expect(previewPattern('!a.*', models, 'frozen').text).toBe(
      '2 of 3 tensors are thawed (8 elements).',
    );
  });

  it('refuses a pattern that matches nothing, with the nearest name', () => {
    const preview = previewPattern('a.wieght', models, 'frozen');
    expect(preview.valid).toBe(false);
    expect(preview.text).toContain('a.weight');
  });

  it('refuses a pattern that is not valid', () => {
    expect(previewPattern('a[', models, 'frozen').valid).toBe(false);
  });

  it('accepts a pattern while no model is known', () => {
    expect(previewPattern('x', [], 'frozen').valid).toBe(true);
  });
});
