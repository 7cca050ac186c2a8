import vm from 'node:vm';
import type { DawnAddon } from './gpuTypes';

type Callback = () => void;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** So long Dawn is asked without a pause whether it is done, in milliseconds. */
const PROMPT_MILLISECONDS = 1;
/** Afterwards so rarely, in milliseconds: a loop without a pause takes a core from the training. */
const PAUSE_MILLISECONDS = 1;
const SYNC_PAUSE_MILLISECONDS = 0.1;

/**
 * The clock of the addon. Dawn looks for finished work when it is asked to, which the addon does
 * by `setImmediate` for as long as a promise of its own is open (AsyncRunner.cpp in Dawn's
 * src/dawn/node/binding). Here these callbacks are caught, so that
 * - they come with pauses when work takes long, which leaves the processor to others;
 * - Dawn can be asked at once, so that a read can wait for the GPU without giving up control.
 *
 * `setImmediate` is replaced only while a function of the addon runs, so nobody else sees it.
 */
export class Ticks {
  private next: { readonly tick: Callback; readonly cancel: Callback } | null = null;
  /** When the latest call began that is waited for, by `performance.now()`. */
  private since = 0;
  private readonly pause = new Int32Array(new SharedArrayBuffer(4));

  /** Puts all functions of the addon that give promises under this clock. */
  attach({ globals }: DawnAddon): void {
    for (const constructor of Object.values(globals)) {
      if (typeof constructor !== 'function') continue;
      const prototype = constructor.prototype as object;
      for (const name of ASYNC_METHODS) this.patch(prototype, name);
    }
  }

  /**
   * Asks Dawn for finished work at once.
   * @returns whether anything is being waited for
   */
  pump(): boolean {
    const { next } = this;
    if (next === null) return false;
    next.cancel();
    this.next = null;
    this.during(next.tick);
    return true;
  }

  /**
   * Blocks until `isDone`.
   * @throws Error when Dawn has nothing left to wait for and it is not
   */
  block(isDone: () => boolean): void {
    const start = performance.now();
    while (!isDone()) {
      if (!this.pump()) throw new Error('Dawn has no work under way that could be waited for');
      if (performance.now() - start > PROMPT_MILLISECONDS && !isDone()) {
        Atomics.wait(this.pause, 0, 0, SYNC_PAUSE_MILLISECONDS);
      }
    }
  }

  /**
   * Blocks until a promise of the addon is settled.
   * @returns its value
   * @throws what it is rejected with
   */
  settle<T>(promise: Promise<T>): T {
    const outcome: Outcome<T> = { isSettled: false };
    const drain = watch(promise, outcome);
    drain();
    this.block(() => {
      drain();
      return outcome.isSettled;
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.value as T;
  }

  private patch(prototype: object, name: string): void {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const original: unknown = descriptor?.value;
    if (descriptor === undefined || typeof original !== 'function') return;
    const begin = (call: () => unknown): unknown => {
      this.since = performance.now();
      return this.during(call);
    };
    const value = function (this: unknown, ...args: unknown[]): unknown {
      return begin(() => (original as Method).apply(this, args));
    };
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }

  /** Runs a function of the addon, catching the tick that it may ask for. */
  private during<T>(call: () => T): T {
    const { setImmediate } = globalThis;
    const capture = (tick: Callback): void => {
      this.schedule(tick, setImmediate);
    };
    globalThis.setImmediate = capture as unknown as typeof setImmediate;
    try {
      return call();
    } finally {
      globalThis.setImmediate = setImmediate;
    }
  }

  private schedule(tick: Callback, soon: typeof setImmediate): void {
    const run = (): void => {
      this.next = null;
      this.during(tick);
    };
    if (performance.now() - this.since < PROMPT_MILLISECONDS) {
      const handle = soon(run);
      this.next = {
        tick,
        cancel: () => {
          clearImmediate(handle);
        },
      };
    } else {
      const handle = setTimeout(run, PAUSE_MILLISECONDS);
      this.next = {
        tick,
        cancel: () => {
          clearTimeout(handle);
        },
      };
    }
  }
}

const ASYNC_METHODS = [
  'requestAdapter',
  'requestDevice',
  'mapAsync',
  'onSubmittedWorkDone',
  'popErrorScope',
  'createComputePipelineAsync',
  'createRenderPipelineAsync',
  'getCompilationInfo',
];

interface Outcome<T> {
  isSettled: boolean;
  value?: T;
  error?: unknown;
}

/**
 * Lets `outcome` become what `promise` does, whenever the function that is returned is called: what
 * waits for a promise runs in the microtask queue of the context that it was made in, and the
 * context made here has one of its own, which is worked off after each evaluation (node:vm,
 * `microtaskMode`).
 */
function watch<T>(promise: Promise<T>, outcome: Outcome<T>): () => void {
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });
  const follow = vm.runInContext(FOLLOW, context) as (
    promise: Promise<T>,
    outcome: Outcome<T>,
  ) => void;
  follow(promise, outcome);
  return () => {
    vm.runInContext('', context);
  };
}

const FOLLOW = `(promise, outcome) => {
  promise.then(
    (value) => { outcome.value = value; outcome.isSettled = true; },
    (error) => { outcome.error = error; outcome.isSettled = true; },
  );
}`;
