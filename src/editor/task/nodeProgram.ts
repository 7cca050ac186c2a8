/** A Node for the terminal: the program, and what its environment needs to be one. */
export interface NodeProgram {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What the extension host runs on. */
export interface Host {
  readonly execPath: string;
  /** Whether that is Electron: VS Code on a desktop. */
  readonly electron: boolean;
}

export const HOST: Host = {
  execPath: process.execPath,
  electron: process.versions['electron'] !== undefined,
};

/**
 * The Node that runs the CLI in a terminal. Who trains with Python may have none of their own, but
 * the extension host runs on one, on the same machine and in the same container as the terminal: a
 * plain Node in a remote window and in the browser, Electron on a desktop. Electron is one too when
 * told to, which the training command would inherit, so there a Node on PATH is taken first.
 * @param onPath whether `node` is on PATH
 */
export function nodeProgram({ execPath, electron }: Host, onPath: boolean): NodeProgram {
  if (!electron) return { program: execPath, env: {} };
  if (onPath) return { program: 'node', env: {} };
  return { program: execPath, env: { ELECTRON_RUN_AS_NODE: '1' } };
}
