/** Kept from one installation to the next; a test that installs anew gives it to the command. */
export declare const DOWNLOADS: string;

/** Makes the engine `cpu` ready for the tests; see the module itself. Never throws. */
export declare function installEngine(
  say?: (line: string) => void,
  options?: { readonly current?: boolean },
): Promise<
  { readonly ok: true; readonly home: string } | { readonly ok: false; readonly reason: string }
>;
