import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from './byteSource';
import { CheckpointError } from './checkpointError';
import { checkRange } from './range';

/** Bytes that are read at once for the sake of small reads beside each other: headers, indices. */
const WINDOW = 256 * 1024;
const SMALL = 16 * 1024;
/** Where reads jump, as from entry to entry of an archive, less is read ahead. */
const FIRST_WINDOW = 4 * 1024;

/**
 * Opens a file on a disk.
 * @param name path as messages show it
 * @throws CheckpointError when there is no such file, or it is no file
 */
export function openFileSource(path: string, name = path): ByteSource {
  let handle: number;
  try {
    // To open a pipe would wait for somebody to write. On Windows the flag is undefined: none.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new CheckpointError(name, null, whyNot(error as NodeJS.ErrnoException));
  }
  const status = fstatSync(handle);
  if (!status.isFile()) {
    closeSync(handle);
    const what = status.isDirectory() ? 'this is a folder' : 'this is no ordinary file';
    throw new CheckpointError(name, null, `${what}: name a checkpoint file.`);
  }
  return new FileSource(handle, name, status.size);
}

class FileSource implements ByteSource {
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;
  /** Bytes that the next window gets. */
  #ahead = FIRST_WINDOW;
  #open = true;

  constructor(
    private readonly handle: number,
    readonly name: string,
    readonly size: number,
  ) {}

  read(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    if (length > SMALL) {
      const bytes = new Uint8Array(length);
      this.#fill(offset, bytes);
      return bytes;
    }
    const within = offset - this.#windowAt;
    if (within < 0 || within + length > this.#window.length) {
      const goesOn = within >= 0 && within <= 2 * this.#window.length;
      this.#ahead = goesOn ? Math.min(4 * this.#ahead, WINDOW) : FIRST_WINDOW;
      // A new one each time: earlier answers are views of the old.
      const window = new Uint8Array(Math.min(Math.max(this.#ahead, length), this.size - offset));
      this.#fill(offset, window);
      this.#window = window;
      this.#windowAt = offset;
      return window.subarray(0, length);
    }
    return this.#window.subarray(within, within + length);
  }

  readInto(offset: number, target: Uint8Array): void {
    checkRange(this, offset, target.length);
    this.#fill(offset, target);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.handle);
  }

  #fill(offset: number, target: Uint8Array): void {
    let done = 0;
    while (done < target.length) {
      let count: number;
      try {
        count = readSync(this.handle, target, done, target.length - done, offset + done);
      } catch (error) {
        throw new CheckpointError(this.name, offset + done, (error as Error).message);
      }
      if (count === 0) {
        throw new CheckpointError(this.name, offset + done, 'the file became shorter meanwhile.');
      }
      done += count;
    }
  }
}

/** Why a file or folder cannot be opened, as a sentence. */
export function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file.';
  if (code === 'ELOOP') return 'it is a link that leads to itself.';
  // A socket, or a device that nothing drives.
  if (code === 'ENXIO') return 'this is no ordinary file: name a checkpoint file.';
  if (code === 'EACCES' || code === 'EPERM') return 'its permissions do not let it be read.';
  return message;
}
