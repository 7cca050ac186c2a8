/**
 * Random access to the bytes of one file. Synchronous throughout: readers run in the command line
 * or in a worker thread, where waiting costs nothing and a hostile file can be ended from outside.
 */
export interface ByteSource {
  /** Path as messages show it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * The `length` bytes from `offset`. May be a view of memory that the source keeps: not to be
   * written to.
   * @throws CheckpointError when the range is not within the file, or it cannot be read
   */
  read(offset: number, length: number): Uint8Array;
  /** Fills `target` from `offset`; throws as `read`. */
  readInto(offset: number, target: Uint8Array): void;
  close(): void;
}

/** The files beside a checkpoint: its shards. */
export interface SiblingFiles {
  /**
   * Opens a file by the name that the checkpoint gives, relative to its own folder. Who opens it
   * closes it.
   * @throws CheckpointError for a name that leads out of the folder, or a file that is not there
   */
  open(name: string): ByteSource;
}
