import { open, readdir } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';

/** Folders of a project in which scripts to run are kept; the project itself comes first. */
const FOLDERS = ['', 'scripts', 'src'];
const MOST_FILES = 200;
const READ_BYTES = 256 * 1024;

const FRAMEWORK =
  /^\s*(?:import|from)\s+(?:torch|lightning|pytorch_lightning|transformers|accelerate|fastai|ultralytics)\b/m;
const NAMED = /^(?:pre|re)?train|_train|tune/;
const TRAINS = /\.backward\(|\.fit\(|\.train\(/;
/** Something is done when the file is run: not a module that is only imported. */
const RUNS = /__main__|^(?:for|while)\s|^[\w.]+\(/m;

/**
 * The scripts in `folder` that train, the likeliest first, relative to it with `/`: `train.js`, and
 * Python scripts that are called after training or use PyTorch to train. Never throws.
 */
export async function trainingScripts(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const directory of FOLDERS) {
    const names = await readdir(join(folder, directory)).catch(() => []);
    const scripts = names.filter(isScript).slice(0, MOST_FILES);
    for (const script of scripts) {
      if (!script.endsWith('.py') || (await trains(join(folder, directory, script)))) {
        found.push(posix.join(directory, script));
      }
    }
  }
  return found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** JavaScript by its name alone: only a `train.js` is known to be the one. */
function isScript(name: string): boolean {
  if (/^train\.[mc]?js$/.test(name)) return true;
  return name.endsWith('.py') && !/^(test_|conftest|setup\.)|_test\.py$/.test(name);
}

async function trains(file: string): Promise<boolean> {
  const text = await head(file).catch(() => '');
  const named = NAMED.test(basename(file));
  return RUNS.test(text) && (named || (FRAMEWORK.test(text) && TRAINS.test(text)));
}

async function head(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(READ_BYTES) });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function rank(script: string): number {
  const name = posix.basename(script);
  const byName = [/^train\./, /^train/, /^(fine_?tune|main|run)/, /train|tune/];
  const found = byName.findIndex((pattern) => pattern.test(name));
  const depth = script.includes('/') ? 0.5 : 0;
  return (found < 0 ? byName.length : found) + depth;
}
