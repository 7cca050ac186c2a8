import { isAlive } from '../../runs/launch/liveness';
import { initialState, isOver, reduceLine, withLiveness } from '../../runs/reduce/reduce';
import type { RunState } from '../../runs/state';
import { EventTail } from '../../runs/tail';
import { throttle, type Debounced } from '../debounce';

const DRAW_MILLISECONDS = 100;
const LIVENESS_MILLISECONDS = 1000;
/** No conclusion from dead processes while lines still come: another machine may write them. */
const QUIET_MILLISECONDS = 2000;
/** A run that has not named a process after this time will not. */
const NAMELESS_MILLISECONDS = 60_000;

/** Follows one run until it is over. */
export class RunFollower {
  readonly #tail: EventTail;
  readonly #told: Debounced;
  #timer: NodeJS.Timeout | undefined;
  #state: RunState;
  #lastLine = 0;
  #over = false;

  /**
   * @param onChange is called at most ten times a second
   * @param onOver is called once, after the last `onChange`
   */
  constructor(
    readonly id: string,
    directory: string,
    private readonly onChange: () => void,
    private readonly onOver: () => void,
  ) {
    this.#state = initialState(id);
    this.#told = throttle(onChange, DRAW_MILLISECONDS);
    this.#tail = new EventTail(directory, (lines, reset) => {
      this.#read(lines, reset);
    });
  }

  get state(): RunState {
    return this.#state;
  }

  get live(): boolean {
    return !this.#over;
  }

  /**
   * Reads what is there, then follows the run when it is still live.
   * @param since milliseconds since 1970 of the last known sign of life
   * @returns whether it is live
   */
  async start(since: number): Promise<boolean> {
    this.#lastLine = since;
    await this.#tail.readNow();
    const state = withLiveness(this.#state, isAlive);
    const nameless = state.livePids.length === 0 && state.processes.length === 0;
    this.#over = isOver(state) || (nameless && Date.now() - since > NAMELESS_MILLISECONDS);
    this.#state = state;
    if (this.#over) {
      this.dispose();
      return false;
    }
    this.#lastLine = Date.now();
    this.#tail.start();
    this.#timer = setInterval(() => {
      this.#checkLiveness();
    }, LIVENESS_MILLISECONDS);
    return true;
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#tail.dispose();
    this.#told.dispose();
  }

  #read(lines: readonly string[], reset: boolean): void {
    if (reset) this.#state = initialState(this.id);
    for (const line of lines) this.#state = reduceLine(this.#state, line);
    if (lines.length > 0) this.#lastLine = Date.now();
    if (this.#timer === undefined) return;
    if (isOver(this.#state)) this.#end();
    else this.#told.schedule();
  }

  #checkLiveness(): void {
    if (Date.now() - this.#lastLine < QUIET_MILLISECONDS) return;
    const state = withLiveness(this.#state, isAlive);
    if (!isOver(state)) return;
    this.#state = state;
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.dispose();
    this.onChange();
    this.onOver();
  }
}
