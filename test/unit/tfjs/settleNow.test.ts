import { expect, test } from 'vitest';
import { settleNow } from '../../../src/tfjs/engine/settleNow';

test('a chain of promises comes to its end before the call returns', () => {
  const order: string[] = [];
  const value = settleNow(() =>
    Promise.all([
      Promise.resolve(1),
      new Promise((resolve) => {
        resolve(Promise.resolve(2));
      }),
    ])
      .then((values) => {
        order.push('inside');
        throw new Error(values.join());
      })
      .catch((error: unknown) => (error as Error).message),
  );
  order.push('after');
  expect(value).toBe('1,2');
  expect(order).toEqual(['inside', 'after']);
});

test('what it is rejected with is thrown', () => {
  expect(() => settleNow(() => Promise.reject(new Error('no wasm')))).toThrow('no wasm');
});

test('what waits for something from outside is refused', () => {
  const outside = Promise.resolve();
  expect(() => settleNow(() => outside)).toThrow('it cannot be started at once');
});

test('WebAssembly is compiled at once', () => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const { instance } = settleNow(() => WebAssembly.instantiate(empty, {})) as {
    readonly instance: unknown;
  };
  expect(instance).toBeInstanceOf(WebAssembly.Instance);
});

test('promises and WebAssembly are what they were afterwards, also after a failure', () => {
  const before = [Promise, WebAssembly.instantiate];
  expect(() =>
    settleNow(() => {
      throw new Error('in the middle');
    }),
  ).toThrow('in the middle');
  expect([Promise, WebAssembly.instantiate]).toEqual(before);
});
