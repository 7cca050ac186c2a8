import { describe, expect, it } from 'vitest';
import { formatProblem, parseConfig } from '../../../src/freeze/config';
import { readVectors } from './vectors';

interface ConfigCase {
  readonly name: string;
  readonly text: string;
  readonly config?: { readonly rules: readonly Record<string, unknown>[] };
  readonly problems?: readonly {
    readonly severity: string;
    readonly line: number;
    readonly column: number;
    readonly says: string;
  }[];
}

const vectors = readVectors('config') as { readonly cases: readonly ConfigCase[] };

describe('config vectors', () => {
  it.each(vectors.cases)('$name', ({ text, config, problems = [] }) => {
    const parsed = parseConfig(text);
    const found = parsed.problems.map(({ severity, line, column, text: words }, index) => {
      const says = problems[index]?.says ?? '';
      return { severity, line, column, says: words.includes(says) ? says : words };
    });
    expect(found).toEqual(problems);
    if (!config) {
      expect(parsed.config).toBeNull();
      return;
    }
    const rules = parsed.config?.rules.map(({ place, ...rule }) => ({
      ...rule,
      line: place.line,
      column: place.column,
    }));
    expect({ ...parsed.config, rules }).toEqual(config);
  });
});

describe('a problem of a config', () => {
  it('carries a place inside of the text and a way out', () => {
    const failing = vectors.cases.filter(({ problems }) => problems);
    for (const { text } of failing) {
      for (const problem of parseConfig(text).problems) {
        expect(problem.advice, text).toMatch(/^[A-Z].*[.?]$/);
        expect(problem.text, text).toMatch(/\.$/);
        expect(problem.offset + problem.length, text).toBeLessThanOrEqual(text.length);
      }
    }
  });

  it('reads as one line of a terminal', () => {
    const [problem] = parseConfig('{\n  "onMove": "stopp"\n}').problems;
    expect(problem && formatProblem('permafrost.json', problem)).toBe(
      'permafrost.json:2:13: error: "onMove" is "stopp", but must be "stop" or "report". ' +
        'Did you mean "stop"?',
    );
  });

  it('names the nearest known key, and all when none is near', () => {
    const advice = (text: string) => parseConfig(text).problems.map((each) => each.advice);
    expect(advice('{"onmove": "stop"}')).toEqual(['Did you mean "onMove"?']);
    expect(advice('{"freeze": [{"match": "a", "form": 1}]}')).toEqual(['Did you mean "from"?']);
    expect(advice('{"zzzzzzzz": 1}')).toEqual([
      'Known keys here: "$schema", "command", "model", "freeze", "onMove", "epochSteps", "engine", "cache".',
    ]);
  });

  it('covers exactly the bad part', () => {
    const marked = (text: string) =>
      parseConfig(text).problems.map(({ offset, length }) => text.slice(offset, offset + length));
    expect(marked('{"freeze": ["a\\u005b"]}')).toEqual(['\\u005b']);
    expect(marked('{"freeze": [], "onMoved": "stop"}')).toEqual(['"onMoved"']);
    expect(marked('{"freeze": ["a",]}')).toEqual([',']);
    expect(marked('{"freeze": [{"match": "!a", "freeze": true}]}')).toEqual(['"freeze": true']);
  });
});

describe('parseConfig', () => {
  it('does not throw on brackets nested deeper than the stack', () => {
    const { config, problems } = parseConfig('['.repeat(200_000));
    expect(config).toBeNull();
    expect(problems).toHaveLength(1);
  });

  it.each([1001, 3000, 200_000])('tells that %i closed brackets are too deep', (depth) => {
    const text = `{"freeze": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(parseConfig(text).problems).toMatchObject([{ text: 'The JSON is nested too deeply.' }]);
  });

  it('does not throw on braces nested deeper than the stack', () => {
    expect(parseConfig(`{"freeze": ["${'{'.repeat(200_000)}"]}`).problems).toMatchObject([
      { column: 78, text: 'The braces are nested too deeply.' },
    ]);
  });

  it('does not throw on any prefix of a config', () => {
    const text =
      '{"command": "x", "freeze": ["a.**", {"match": "[b]", "until": 5}], "onMove": "stop"}';
    for (let end = 0; end < text.length; end += 1) {
      expect(parseConfig(text.slice(0, end)).problems, text.slice(0, end)).not.toEqual([]);
    }
  });
});
