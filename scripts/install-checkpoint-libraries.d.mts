export type Interpreter = 'debian' | 'newest' | 'keras';

/** The libraries that own the formats; see the module itself. Never throws. */
export declare function installCheckpointLibraries(
  say?: (line: string) => void,
): Readonly<
  Record<
    Interpreter,
    { readonly ok: true; readonly python: string } | { readonly ok: false; readonly reason: string }
  >
>;
