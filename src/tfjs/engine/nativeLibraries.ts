import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** glibc's bits/dlfcn.h: stays loaded when Node closes it again. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads the shared libraries in `folders`, so that libtensorflow finds them by their names: it
 * opens CUDA's when it first needs them, and `LD_LIBRARY_PATH` counts only at a process's start.
 * What cannot be loaded is passed over: the library itself says what it lacks. Linux only.
 * @param folders absolute
 */
export function preloadLibraries(folders: readonly string[]): void {
  if (process.platform !== 'linux') return;
  let left = folders.flatMap(librariesIn);
  // They depend on each other: each round loads those whose needs the one before has met.
  for (let before = Infinity; left.length > 0 && left.length < before;) {
    before = left.length;
    left = left.filter((file) => !preload(file));
  }
}

function librariesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^lib.+\.so(\.\d+)*$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function preload(file: string): boolean {
  try {
    process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_LAZY | RTLD_NODELETE);
    return true;
  } catch (error) {
    // Loaded, and then found to be no addon (node's src/node_binding.cc).
    return (error as Error).message.includes('did not self-register');
  }
}
