import { describe, expect, it } from 'vitest';
import { proposals, words, type Proposals } from '../../../src/editor/config/patternProposals';
import { stringAt } from '../../../src/editor/config/stringAt';
import type { ModelInfo } from '../../../src/model/inspection';
import { model, tensor } from './models';

const net = model('net', [
  tensor('features.0.weight', { type: 'Conv2d', shape: [8, 3, 3, 3] }),
  tensor('features.0.bias', { type: 'Conv2d' }),
  tensor('features.1.weight', { type: 'BatchNorm2d' }),
  tensor('features.1.running_mean', { type: 'BatchNorm2d' }),
  tensor('classifier.weight', { type: 'Linear' }),
  tensor('scale'),
]);
const layers = model('layers', [tensor('conv1/kernel'), tensor('conv1/bias')]);

/** The text with the cursor at `|`. */
function at(marked: string, models: readonly ModelInfo[] = [net]): Proposals | undefined {
  const string = stringAt(marked.replace('|', ''), marked.indexOf('|'));
  return string && proposals(string, models);
}

const texts = (found: Proposals | undefined): string[] =>
  found?.items.map(({ text }) => text) ?? [];

/** The text after the proposal `chosen` is accepted. */
function accept(marked: string, chosen: string, models?: readonly ModelInfo[]): string {
  const found = at(marked, models);
  expect(texts(found)).toContain(chosen);
  const text = marked.replace('|', '');
  const { offset = 0, length = 0 } = found ?? {};
  return text.slice(0, offset) + chosen + text.slice(offset + length);
}

describe('proposals in a pattern', () => {
  it('are the first parts of the names, modules with all below them', () => {
    expect(at('{"freeze": ["|"]}')?.items).toEqual([
      { text: '**', detail: 'everything, 6 tensors', kind: 'all' },
      { text: 'features.**', detail: '4 tensors', kind: 'module' },
      { text: 'features.', detail: 'go on inside', kind: 'inside' },
      { text: 'classifier.**', detail: 'Linear · 1 tensor', kind: 'module' },
      { text: 'classifier.', detail: 'go on inside', kind: 'inside' },
      { text: 'scale', detail: '4 · float32', kind: 'tensor' },
    ]);
  });

  it('are the next part only, behind what is typed', () => {
    expect(texts(at('{"freeze": ["features.|"]}'))).toEqual(['**', '0.**', '0.', '1.**', '1.']);
    expect(at('{"freeze": ["features.0.|"]}')?.items).toEqual([
      { text: '**', detail: 'everything, 2 tensors', kind: 'all' },
      { text: 'weight', detail: '8×3×3×3 · float32', kind: 'tensor' },
      { text: 'bias', detail: '4 · float32', kind: 'tensor' },
    ]);
    expect(texts(at('{"freeze": ["scale.|"]}'))).toEqual([]);
  });

  it('replace the whole part, and keep "!" and what stands around', () => {
    expect(accept('{"freeze": ["!fea|x"]}', 'features.**')).toBe('{"freeze": ["!features.**"]}');
    expect(accept('{"freeze": ["a", {"match": "!features.9|"}]}', '1.**')).toBe(
      '{"freeze": ["a", {"match": "!features.1.**"}]}',
    );
    expect(accept('{"freeze": ["feat|xx.0.weight"]}', 'features')).toBe(
      '{"freeze": ["features.0.weight"]}',
    );
    expect(accept('{"freeze": ["features.|5.weight"]}', '0')).toBe(
      '{"freeze": ["features.0.weight"]}',
    );
  });

  it('know both separators, and write that of the framework', () => {
    expect(texts(at('{"freeze": ["features/0/|"]}'))).toContain('weight');
    expect(texts(at('{"freeze": ["|"]}', [layers]))).toContain('conv1/**');
    expect(texts(at('{"freeze": ["conv1.|"]}', [layers]))).toContain('kernel');
  });

  it('follow wildcards', () => {
    expect(texts(at('{"freeze": ["features.*.|"]}'))).toEqual([
      ...['**', 'weight', 'bias', 'running_mean'],
    ]);
    expect(texts(at('{"freeze": ["**.|"]}'))).toContain('running_mean');
    expect(texts(at('{"freeze": ["**.|"]}'))).toContain('scale');
    expect(texts(at('{"freeze": ["feat[.|"]}'))).toEqual([]);
    expect(texts(at('{"freeze": ["{features,|"]}'))).toEqual([]);
  });

  it('escape what is special in a pattern, and in JSON', () => {
    const odd = model('odd', ['q*[0].w', '!n"\u0001.w']);
    expect(accept('{"freeze": ["|"]}', String.raw`q\\*\\[0\\].**`, [odd])).toBe(
      String.raw`{"freeze": ["q\\*\\[0\\].**"]}`,
    );
    expect(texts(at('{"freeze": ["|"]}', [odd]))).toContain(String.raw`\\!n\"\u0001.**`);
    expect(texts(at(String.raw`{"freeze": ["q\\*\\[0\\].|"]}`, [odd]))).toContain('w');
  });

  it('work in a text that is half typed', () => {
    expect(texts(at('{\n  "freeze": [\n    "features.|\n  ]\n}'))).toContain('0.**');
    expect(texts(at('{"freeze": ["a", "features.|"'))).toContain('0.**');
    expect(texts(at('{"freeze": [{"match": "|}]}'))).toContain('features.**');
  });

  it('keep to the model of the rule', () => {
    const text = '{"freeze": [{"match": "|", "model": "lay*"}]}';
    expect(texts(at(text, [net, layers]))).toEqual(['**', 'conv1/**', 'conv1/']);
    expect(texts(at('{"freeze": ["|"]}', [net, layers]))).toContain('scale');
  });

  it('narrow a long list by what is typed, and say so', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `t${String(index)}`);
    const long = model('long', names);
    expect(at('{"freeze": ["|"]}', [long])?.items).toHaveLength(200);
    expect(at('{"freeze": ["T99|"]}', [long])?.partial).toBe(true);
    expect(texts(at('{"freeze": ["T99|"]}', [long]))).toEqual(['t99', ...names.slice(990)]);
  });
});

describe('proposals elsewhere', () => {
  it('are the classes that are there, for a type', () => {
    expect(at('{"freeze": [{"match": "**", "type": "*Batch|"}]}')).toEqual({
      offset: 37,
      length: 6,
      partial: false,
      items: [
        { text: 'Conv2d', detail: '2 tensors', kind: 'class' },
        { text: 'BatchNorm2d', detail: '2 tensors', kind: 'class' },
        { text: 'Linear', detail: '1 tensor', kind: 'class' },
      ],
    });
  });

  it('are names and classes of the models, for the model of a rule', () => {
    expect(texts(at('{"freeze": [{"match": "**", "model": "|"}]}', [net, layers]))).toEqual([
      ...['net', 'layers', 'Sequential'],
    ]);
  });

  it('are none in keys, in other values and outside of strings', () => {
    for (const text of [
      '{"fre|eze": []}',
      '{"freeze": [|]}',
      '{"freeze": ["a"|]}',
      '{"freeze": [{"mat|ch": "a"}]}',
      '{"command": "node |"}',
      '{"freeze": [{"match": "a", "tensors": "|"}]}',
      '{"freeze": [["|"]]}',
      '|',
    ]) {
      expect(at(text), text).toBeUndefined();
    }
  });

  it('are files in place of the whole path', () => {
    const text = '{"model": "check|points/b.pt"}';
    const string = stringAt(text.replace('|', ''), text.indexOf('|'));
    expect(string?.role).toBe('model');
    const file = { text: 'a.pt', detail: '', kind: 'file' as const };
    expect(string && words(string, [file])).toEqual({
      ...{ offset: 11, length: 16, items: [file], partial: false },
    });
  });
});

describe('a model of 100,000 tensors', () => {
  const large = model(
    'large',
    Array.from({ length: 100_000 }, (_, index) =>
      tensor(
        `encoder.layer.${String(index >> 5)}.block${String(index % 8)}.w${String(index % 32)}`,
      ),
    ),
  );

  it.each(['{"freeze": ["encoder.layer.|"]}', '{"freeze": ["**.|"]}', '{"freeze": ["|"]}'])(
    'is proposed from in under 50 ms after the first time: %s',
    (text) => {
      at(text, [large]);
      const times = Array.from({ length: 5 }, () => {
        const begin = performance.now();
        expect(texts(at(text, [large])).length).toBeGreaterThan(0);
        return performance.now() - begin;
      });
      expect(Math.min(...times)).toBeLessThan(50);
    },
  );
});
