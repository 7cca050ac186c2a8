/** Files that the libraries that own the formats write, with what they say of them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import {
  installCheckpointLibraries,
  type Interpreter,
} from '../../scripts/install-checkpoint-libraries.mjs';

export const WRITERS = fileURLToPath(new URL('writers', import.meta.url));

const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number()),
  sha256: z.string(),
});
export type ExpectedTensor = z.infer<typeof tensorSchema>;

const fileSchema = z.object({
  file: z.string(),
  /** By model and name. */
  models: z.record(z.string(), z.record(z.string(), tensorSchema)),
  epoch: z.number().nullish(),
  /** The model that another is a copy of. */
  copies: z.record(z.string(), z.string()).default({}),
  /** Whether the names are those that a reader can know from the file. */
  named: z.boolean().default(true),
});

export interface WrittenFile extends z.infer<typeof fileSchema> {
  readonly path: string;
}

/** Files of one library in a folder of their own. */
interface Writer {
  readonly name: string;
  readonly interpreter: Interpreter;
  readonly scripts: readonly string[];
}

const WRITING: readonly Writer[] = [
  { name: 'torch-1.13', interpreter: 'debian', scripts: ['torch_files.py'] },
  { name: 'torch-newest', interpreter: 'newest', scripts: ['torch_files.py'] },
  { name: 'training', interpreter: 'newest', scripts: ['torch_training_files.py'] },
  { name: 'safetensors', interpreter: 'newest', scripts: ['safetensors_files.py'] },
  { name: 'numpy', interpreter: 'keras', scripts: ['numpy_files.py'] },
  { name: 'keras', interpreter: 'keras', scripts: ['keras_files.py'] },
  {
    name: 'tfjs',
    interpreter: 'keras',
    scripts: ['tfjs_quantized_files.py', 'tfjsFiles.mjs'],
  },
];

/** What was written by one library, or why it was not. */
export type Written =
  | { readonly name: string; readonly files: readonly WrittenFile[] }
  | { readonly name: string; readonly missing: string };

export const libraries = installCheckpointLibraries();

/** Writes all files into a scratch folder, two writers at once. */
export async function writeFiles(): Promise<{
  readonly folder: string;
  readonly written: readonly Written[];
  readonly remove: () => void;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'permafrost-checkpoints-'));
  const waiting = [...WRITING];
  const written: Written[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      written.push(await write(next, join(folder, next.name)));
    }
  };
  await Promise.all([work(), work()]);
  return {
    folder,
    written,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function write({ name, interpreter, scripts }: Writer, folder: string): Promise<Written> {
  const library = libraries[interpreter];
  if (!library.ok) return { name, missing: library.reason };
  for (const script of scripts) {
    const program = script.endsWith('.py') ? library.python : process.execPath;
    await promisify(execFile)(program, [join(WRITERS, script), folder], {
      env: {
        ...process.env,
        OMP_NUM_THREADS: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        HF_HUB_OFFLINE: '1',
      },
      maxBuffer: 1 << 28,
    });
  }
  const text = readFileSync(join(folder, 'expected.json'), 'utf8');
  const files = z.array(fileSchema).parse(JSON.parse(text));
  return { name, files: files.map((file) => ({ ...file, path: join(folder, file.file) })) };
}
