import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  escapePattern,
  PatternError,
  readPattern,
} from '../../../src/freeze/pattern';
import { readVectors } from './vectors';

interface PatternCase {
  readonly pattern: string;
  readonly matches?: readonly string[];
  readonly rejects?: readonly string[];
  readonly error?: { readonly offset: number };
}

function errorOf(pattern: string): unknown {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return error;
  }
}

const vectors = readVectors('pattern') as { readonly cases: readonly PatternCase[] };

describe('pattern vectors', () => {
  it.each(vectors.cases)('$pattern', (vector) => {
    const { pattern, matches = [], rejects = [], error } = vector;
    if (error) {
      expect(errorOf(pattern)).toBeInstanceOf(PatternError);
      expect(errorOf(pattern)).toMatchObject({ offset: error.offset });
      return;
    }
    const test = compilePattern(pattern);
    expect(matches.filter((name) => !test(name))).toEqual([]);
    expect(rejects.filter((name) => test(name))).toEqual([]);
  });
});

describe('a pattern', () => {
  it('that escapes a name matches that name', () => {
    const names = ['a.b/c', '!a', 'a!', 'w[0]', 'x{y,z}', '*?', 'back\\slash', 'a,b', '^$+()|'];
    for (const name of names) {
      expect(compilePattern(escapePattern(name))(name)).toBe(true);
      expect(escapePattern(name).startsWith('!')).toBe(false);
    }
  });

  it('tells what all matching names begin and end with, so that others need no look', () => {
    expect(readPattern('layer.{0,1}.**')).toMatchObject({ head: 'layer/', tail: '' });
    expect(readPattern('**.conv?.{bias,alias}')).toMatchObject({ head: '', tail: 'ias' });
    expect(readPattern('a.{bc,bd}')).toMatchObject({ head: 'a/b', tail: '' });
    expect(readPattern('**.bias')).toMatchObject({ head: '', tail: 'bias' });
    expect(readPattern('a**.b')).toMatchObject({ head: 'a', tail: '/b' });
    expect(readPattern('a.b')).toMatchObject({ head: 'a/b', tail: 'a/b' });
  });

  it.each([
    '**a**a**a**a**a**a**a**a**b',
    '*a*a*a*a*a*a*a*a*a*b',
    '**.a*a*.**.a*a*.**.a*a*.**.z',
    '{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}*b',
  ])('%s gives up on long names without trying all ways', (pattern) => {
    const test = compilePattern(pattern);
    const began = process.cpuUsage();
    // Tried in all ways, one such name alone would take longer than the test may.
    for (const name of ['a'.repeat(2000), 'a.'.repeat(1000), 'aa.a'.repeat(500)]) test(name);
    expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
  });
});
