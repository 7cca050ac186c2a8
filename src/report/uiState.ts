import type { Host } from './host';

/** What the reader has set; survives hiding and reloading, unlike the report itself. */
export interface UiState {
  readonly runId: string;
  readonly filter: string;
  readonly onlyProblems: boolean;
  readonly grouped: boolean;
  /** Index of the model shown. */
  readonly model: number;
  /** Sections that are folded away. */
  readonly closed: readonly string[];
  /** Pixels that the page is scrolled down. */
  readonly scroll: number;
}

export class UiStateKeeper {
  private state: UiState;

  constructor(
    private readonly host: Host,
    runId: string,
  ) {
    this.state = restore(host.kept(), runId);
    host.keep(this.state);
  }

  get current(): UiState {
    return this.state;
  }

  set(change: Partial<UiState>): void {
    this.state = { ...this.state, ...change };
    this.host.keep(this.state);
  }
}

function restore(kept: unknown, runId: string): UiState {
  const fresh: UiState = {
    runId,
    filter: '',
    onlyProblems: false,
    grouped: false,
    model: 0,
    closed: ['details'],
    scroll: 0,
  };
  if (typeof kept !== 'object' || kept === null) return fresh;
  // Written by this file, perhaps by an older version of it: a field of another type is passed over.
  const fields = Object.entries(kept).filter(
    ([key, value]) => key in fresh && typeof value === typeof fresh[key as keyof UiState],
  );
  return { ...fresh, ...Object.fromEntries(fields), runId };
}
