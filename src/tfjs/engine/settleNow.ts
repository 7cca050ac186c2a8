/** What a `SettledPromise` came to. */
type Outcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'fulfilled'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly error: unknown };
type Handler = (value: unknown) => unknown;

/**
 * Runs an action that gives a promise and comes to its end before it returns, as far as all that it
 * waits for is compiled to plain promises: those of this class call their handlers at once, and
 * WebAssembly is compiled at once. Nothing of the script runs in between.
 * @throws what the promise is rejected with, and when it waits for something from outside
 */
export function settleNow(action: () => unknown): unknown {
  const { Promise: promise } = globalThis;
  const { instantiate } = WebAssembly;
  let outcome: Outcome = { kind: 'pending' };
  globalThis.Promise = PromptPromise as unknown as PromiseConstructor;
  WebAssembly.instantiate = instantiateNow as unknown as typeof WebAssembly.instantiate;
  try {
    PromptPromise.resolve(action()).then(
      (value) => (outcome = { kind: 'fulfilled', value }),
      (error) => (outcome = { kind: 'rejected', error }),
    );
  } finally {
    globalThis.Promise = promise;
    WebAssembly.instantiate = instantiate;
  }
  return valueOf(outcome);
}

function valueOf(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case 'fulfilled':
      return outcome.value;
    case 'rejected':
      throw outcome.error;
    case 'pending':
      throw new Error('it cannot be started at once');
  }
}

function instantiateNow(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): unknown {
  const module = new WebAssembly.Module(bytes);
  return PromptPromise.resolve({ module, instance: new WebAssembly.Instance(module, imports) });
}

/** A promise that calls its handlers as soon as it can, not after the running code. */
class PromptPromise {
  static resolve(value?: unknown): PromptPromise {
    return value instanceof PromptPromise
      ? value
      : new PromptPromise((resolve) => {
          resolve(value);
        });
  }

  static reject(error: unknown): PromptPromise {
    return new PromptPromise((_, reject) => {
      reject(error);
    });
  }

  static all(values: readonly unknown[]): PromptPromise {
    return values.reduce<PromptPromise>(
      (before, value) =>
        before.then((list) =>
          PromptPromise.resolve(value).then((each) => [...(list as unknown[]), each]),
        ),
      PromptPromise.resolve([]),
    );
  }

  private outcome: Outcome = { kind: 'pending' };
  private waiting: (() => void)[] = [];

  constructor(executor: (resolve: (value?: unknown) => void, reject: Handler) => void) {
    const reject = (error: unknown): void => {
      this.settle({ kind: 'rejected', error });
    };
    const resolve = (value?: unknown): void => {
      if (isThenable(value)) value.then(resolve, reject);
      else this.settle({ kind: 'fulfilled', value });
    };
    try {
      executor(resolve, reject);
    } catch (error) {
      reject(error);
    }
  }

  then(onValue?: Handler | null, onError?: Handler | null): PromptPromise {
    return new PromptPromise((resolve, reject) => {
      this.whenSettled(() => {
        const { outcome } = this;
        if (outcome.kind === 'pending') return;
        try {
          if (outcome.kind === 'fulfilled') {
            resolve(onValue == null ? outcome.value : onValue(outcome.value));
          } else if (onError == null) reject(outcome.error);
          else resolve(onError(outcome.error));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  catch(onError: Handler): PromptPromise {
    return this.then(null, onError);
  }

  private whenSettled(action: () => void): void {
    if (this.outcome.kind === 'pending') this.waiting.push(action);
    else action();
  }

  private settle(outcome: Outcome): void {
    if (this.outcome.kind !== 'pending') return;
    this.outcome = outcome;
    for (const action of this.waiting.splice(0)) action();
  }
}

function isThenable(value: unknown): value is { then(resolve: Handler, reject: Handler): unknown } {
  return typeof value === 'object' && value !== null && 'then' in value;
}
