import { isatty } from 'node:tty';
import { endTrees, gone, signalTree, treeOf } from '../runs/launch/processTree';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long what the command leaves behind may take to end by itself, in milliseconds. */
const GRACE_MILLISECONDS = 2000;

/**
 * Passes signals of this process on to the command's process tree. The first is passed as it is
 * and the script may take its time to save; the second ends the tree by SIGTERM, the third by
 * SIGKILL.
 */
export class Interrupts {
  /** The first signal; null when none came. */
  received: NodeJS.Signals | null = null;
  #count = 0;
  #tree: Promise<readonly number[]> = Promise.resolve([]);
  /** Ctrl+C in a terminal reaches each process of the foreground group without us. */
  readonly #inTerminal = [0, 1, 2].some(isatty);
  readonly #handlers = FORWARDED.map(
    (signal) =>
      [
        signal,
        (): void => {
          this.#receive(signal);
        },
      ] as const,
  );

  /** @param pid of the command; undefined when it could not be started */
  constructor(private readonly pid: number | undefined) {
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  /** Ends what the command has left behind after a signal, and lets signals act as before. */
  async finish(): Promise<void> {
    const left = await this.#tree;
    if (!(await gone(left, GRACE_MILLISECONDS))) await endTrees(left);
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #receive(signal: NodeJS.Signals): void {
    this.received ??= signal;
    this.#count++;
    const roots = this.pid === undefined ? [] : [this.pid];
    if (this.#count > 1) {
      const harder = this.#count === 2 ? 'SIGTERM' : 'SIGKILL';
      this.#tree = this.#tree.then((known) => signalTree([...roots, ...known], harder));
    } else {
      const reached = signal === 'SIGINT' && this.#inTerminal;
      this.#tree = reached ? treeOf(roots) : signalTree(roots, signal);
    }
  }
}
