import { parseEventLine, type EventOf, type RunEvent } from '../runs/events';
import { isVerified } from '../runs/reduce/cells';
import { initialState, reduceParsed } from '../runs/reduce/reduce';
import { isAnnounced } from '../runs/reduce/ranks';
import { currentIndex } from '../runs/reduce/reduceModels';
import type { RunState } from '../runs/state';
import { EventTail } from '../runs/tail';
import { epochLine } from '../runs/words/words';
import { messageLine, note } from './output';

/** Follows the events of a run and tells each epoch's verdict as it comes. */
export class Follower {
  #state: RunState;
  /** What was told last of each epoch: a second verification that agrees is not news. */
  readonly #told = new Map<string, string>();
  readonly #tail: EventTail;
  #movedBefore = false;

  constructor(
    private readonly id: string,
    directory: string,
    private readonly quiet: boolean,
  ) {
    this.#state = initialState(id);
    this.#tail = new EventTail(directory, (lines, reset) => {
      if (reset) this.#beginAnew();
      for (const line of lines) this.#take(line);
    });
    this.#tail.start();
  }

  /** The state of what was read so far. */
  get state(): RunState {
    return this.#state;
  }

  /** Whether a frozen tensor moved, also when the events that told it are lost. */
  get moved(): boolean {
    return this.#movedBefore || this.#state.verdict.kind === 'moved';
  }

  /** The state of all that was written before the call. */
  async catchUp(): Promise<RunState> {
    await this.#tail.readNow();
    return this.#state;
  }

  /** Reads to the end of the file, stops to follow and returns the last state. */
  async finish(): Promise<RunState> {
    await this.catchUp();
    this.#tail.dispose();
    return this.#state;
  }

  #beginAnew(): void {
    note(
      'warning: the events file was cut or deleted by someone during the run; what it held is lost.',
    );
    this.#movedBefore = this.moved;
    this.#state = initialState(this.id);
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    const parsed = parseEventLine(line);
    const before = this.#state.messages.length;
    this.#state = reduceParsed(this.#state, parsed);
    if (parsed.kind === 'event') this.#tell(parsed.event, this.#state.messages.length > before);
  }

  /** @param isNews whether a message was not told by another rank already */
  #tell(event: RunEvent, isNews: boolean): void {
    if (event.type === 'verified') this.#tellEpoch(event);
    // The hook itself tells why it refuses to train, also where nobody follows.
    else if (event.type === 'message' && event.level !== 'info' && isNews) note(messageLine(event));
  }

  #tellEpoch(event: EventOf<'verified'>): void {
    const model = this.#state.models[currentIndex(this.#state.models, event)];
    const epoch = model?.epochs.find((each) => each.epoch === event.epoch);
    if (model === undefined || epoch === undefined) return;
    const line = epochLine(model, epoch);
    const key = JSON.stringify([model.name, event.epoch]);
    if (this.#told.get(key) === line) return;
    const bad = epoch.verification?.findings.some(({ verdict }) => verdict !== 'rebased') === true;
    // A good verdict is told once all ranks gave theirs, and one of them told what is frozen.
    if (!bad && (this.quiet || !isAnnounced(model) || !isVerified(model, epoch))) return;
    this.#told.set(key, line);
    note(this.#state.models.length > 1 ? `${model.name}: ${line}` : line);
  }
}
