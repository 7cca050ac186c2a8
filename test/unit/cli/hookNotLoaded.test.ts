import { describe, expect, it } from 'vitest';
import { hookNotLoaded } from '../../../src/cli/hookNotLoaded';
import { initialState } from '../../../src/runs/reduce/reduce';
import vectors from '../../vectors/hook-not-loaded.json';

const nothing = initialState('');

describe('a Python command without a hook', () => {
  it.each(vectors.cases)('$command ($code): $says', ({ command, code, says }) => {
    const told = hookNotLoaded(command, nothing, code);
    if (says === null) expect(told).toBeNull();
    else expect(told?.text).toContain(says);
  });

  it('is no news where a process had it, or the hook itself has told why not', () => {
    const process = {
      proc: '1',
      pid: 1,
      runtime: 'python 3.11.2',
      argv: [],
      startedAt: 1,
      endedAt: null,
      exitCode: null,
      ...{ rank: null, worldSize: null, attempt: 1, host: null },
    };
    expect(hookNotLoaded('python -I a.py', { processes: [process], messages: [] }, 0)).toBeNull();
    const message = { t: 1, level: 'error', code: 'torch-missing', text: 'x' } as const;
    expect(hookNotLoaded('python a.py', { processes: [], messages: [message] }, 0)).toBeNull();
  });
});
