export interface Debounced {
  /** Asks for a call; asking again before it comes moves it. */
  schedule(): void;
  dispose(): void;
}

/** Calls `action` once `milliseconds` after the last request. */
export function debounce(action: () => void, milliseconds: number): Debounced {
  let timer: NodeJS.Timeout | undefined;
  return {
    schedule: () => {
      clearTimeout(timer);
      timer = setTimeout(action, milliseconds);
    },
    dispose: () => {
      clearTimeout(timer);
    },
  };
}

/** Calls `action` at most once in `milliseconds`, and always once after the last request. */
export function throttle(action: () => void, milliseconds: number): Debounced {
  let timer: NodeJS.Timeout | undefined;
  return {
    schedule: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        action();
      }, milliseconds);
    },
    dispose: () => {
      clearTimeout(timer);
    },
  };
}
