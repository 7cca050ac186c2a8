import type { FromReport, ToReport } from '../runs/report/reportProtocol';

interface VsCodeApi {
  postMessage(message: FromReport): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The extension's side of the page; VS Code hands its API out once. */
export interface Host {
  send(message: FromReport): void;
  /** What `keep` was last given, also before a reload of the window. */
  kept(): unknown;
  keep(state: unknown): void;
  onMessage(listener: (message: ToReport) => void): void;
}

export function connectHost(): Host {
  const api = acquireVsCodeApi();
  return {
    send: (message) => {
      api.postMessage(message);
    },
    kept: () => api.getState(),
    keep: (state) => {
      api.setState(state);
    },
    onMessage: (listener) => {
      window.addEventListener('message', ({ data }: MessageEvent<ToReport>) => {
        listener(data);
      });
    },
  };
}
