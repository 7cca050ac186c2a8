type Outcome =
  { readonly ok: true; readonly path: string } | { readonly ok: false; readonly reason: string };

/** The published checkpoints; see the module itself. Never throws. */
export declare function installCheckpointFiles(
  say?: (line: string) => void,
): Readonly<Record<'efficientnet' | 'basicPitch', Outcome>>;
