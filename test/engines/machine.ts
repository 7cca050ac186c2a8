import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { installCli } from '../cli/project';

/** A port at which nothing listens. */
export const NOWHERE = 'http://127.0.0.1:9';

const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

/** One line of `--json`. */
export type Line = Readonly<Record<string, unknown>>;

export interface Outcome {
  readonly code: number | null;
  readonly lines: readonly Line[];
  /** The last line. */
  readonly end: Line;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves with the first line that passes, also when it came before. */
  readonly line: (test: (line: Line) => boolean) => Promise<Line>;
}

const made: string[] = [];
const started: ChildProcess[] = [];

/** A machine that has only the programs that it is given, an empty project and an empty home. */
export class TestMachine {
  readonly root = mkdtempSync(join(tmpdir(), 'a machine '));
  readonly project = join(this.root, 'project');
  readonly home = join(this.root, 'home');
  readonly #bin = join(this.root, 'bin');

  constructor(readonly env: Readonly<Record<string, string>> = {}) {
    made.push(this.root);
    for (const folder of [this.project, this.home, this.#bin]) mkdirSync(folder);
    this.program('node', `exec '${process.execPath}' "$@"`);
  }

  /** Puts a shell script on its PATH. */
  program(name: string, script: string): this {
    const file = join(this.#bin, name);
    writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    chmodSync(file, 0o755);
    return this;
  }

  /** @param variables to set for it, as a shell writes them */
  withPython(variables = ''): this {
    return this.program('python3', `${variables} exec '${python}' "$@"`);
  }

  withCompiler(): this {
    return this.program('c++', 'echo "this compiler fails" >&2; exit 1');
  }

  /** Starts `permafrost engine` with `--json`. */
  async start(...args: readonly string[]): Promise<Running> {
    const cli = await installCli();
    const child = spawn(process.execPath, [cli, 'engine', ...args, '--json'], {
      cwd: this.project,
      env: {
        PATH: this.#bin,
        HOME: this.root,
        PERMAFROST_ENGINE_HOMES: this.home,
        PIP_CONFIG_FILE: '/dev/null',
        PIP_INDEX_URL: `${NOWHERE}/simple`,
        TFJS_NODE_CDN_STORAGE: `${NOWHERE}/`,
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    return follow(child);
  }

  /** Runs `permafrost engine` with `--json` to its end. */
  async run(...args: readonly string[]): Promise<Outcome> {
    return (await this.start(...args)).outcome;
  }
}

function follow(child: ChildProcess): Running {
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  child.stdout?.setEncoding('utf8');
  let rest = '';
  child.stdout?.on('data', (chunk: string) => {
    const texts = (rest + chunk).split('\n');
    rest = texts.pop() ?? '';
    lines.push(...texts.map((text) => JSON.parse(text) as Line));
    for (const look of waiting) look();
  });
  const outcome = new Promise<Outcome>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, lines, end: lines.at(-1) ?? {}, stderr });
    });
  });
  const line = (test: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(test);
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void outcome.then(({ end, stderr: said }) => {
        reject(new Error(`it ended with ${JSON.stringify(end)} ${said}`));
      });
    });
  return { child, outcome, line };
}

/** A wheel with `bytes` of random content in place of the library. */
export function makeWheel(file: string, bytes: number): void {
  const program = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('tensorflow/libtensorflow_cc.so.2', os.urandom(int(sys.argv[2])))
    wheel.writestr('tensorflow/libtensorflow_framework.so.2', b'framework')
    wheel.writestr('tensorflow/include/tensorflow/c/c_api.h', b'')
    wheel.writestr('tensorflow/python/large.py', b'not needed')
`;
  const { status, stderr } = spawnSync(python, ['-c', program, file, String(bytes)]);
  if (status !== 0) throw new Error(String(stderr));
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
