/** Comparisons for the report's tests. */
import type {
  ComparedFile,
  ComparedModel,
  ComparedTensor,
  Comparison,
  Expectation,
  PairVerdict,
} from '../../../src/model/compare/comparison';

export const EQUAL: PairVerdict = { kind: 'equal', by: 'bytes' };

/** Different bytes. */
export function changed(elements: number, maxDelta = 0.03, relativeL2 = 0.0012): PairVerdict {
  return { kind: 'different', elements, maxDelta, relativeL2 };
}

export function file(path: string, more: Partial<ComparedFile> = {}): ComparedFile {
  return { path, format: 'torch', bytes: 1_000_000, epoch: null, warnings: [], ...more };
}

/** A tensor of 2×3 elements with what was found of it between the files. */
export function compared(
  name: string,
  expected: Expectation,
  verdicts: readonly PairVerdict[],
  more: Partial<ComparedTensor> = {},
): ComparedTensor {
  return {
    ...{ name, kind: 'parameter', module: name.replace(/\.[^.]*$/, ''), type: '' },
    ...{ dtype: 'float32', shape: [2, 3] },
    rule: expected === 'frozen' || expected === 'partly' ? 0 : null,
    pairs: verdicts.map((verdict) => ({ verdict, expected })),
    ...more,
  };
}

export function comparison(
  files: readonly ComparedFile[],
  tensors: readonly ComparedTensor[],
  more: Partial<Comparison> = {},
): Comparison {
  const model: ComparedModel = { name: 'model', className: '', tensors };
  const frozen = tensors.filter(({ rule }) => rule !== null).length;
  return {
    version: 1,
    files,
    config: { file: 'permafrost.json', rules: ['"stem.**"'], matched: [frozen], typesFrom: null },
    models: [model],
    milliseconds: 12,
    bytesRead: 2_000_000,
    ...more,
  };
}

/** Two files of which a frozen tensor moved, and all else that can become of a tensor. */
export function movedComparison(): Comparison {
  return comparison(
    [file('start.pt'), file('runs/end.pt', { epoch: 3 })],
    [
      compared('stem.weight', 'frozen', [changed(2)]),
      compared('stem.bias', 'frozen', [EQUAL]),
      compared('stem.gone', 'frozen', [{ kind: 'gone' }]),
      compared('stem.cast', 'frozen', [{ kind: 'recast', before: 'float32', after: 'bfloat16' }]),
      compared('head.weight', 'trainable', [changed(6)]),
      compared('head.bias', 'trainable', [EQUAL]),
      compared('head.old', 'trainable', [{ kind: 'gone' }]),
      compared('head.new', 'trainable', [{ kind: 'new' }]),
      compared('head.shape', 'trainable', [{ kind: 'reshaped', before: [2, 3], after: [4, 3] }]),
      compared('head.torn', 'trainable', [
        { kind: 'unreadable', reason: 'its compression is damaged' },
      ]),
    ],
  );
}
