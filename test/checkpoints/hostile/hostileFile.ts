/** A file that means harm; what is to become of it. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Beside it. */
  readonly others?: Readonly<Record<string, Uint8Array>>;
  /** Refused with a message, listed under these names, or either. */
  readonly becomes: 'refused' | 'either' | readonly string[];
}

export function bytesOfText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
