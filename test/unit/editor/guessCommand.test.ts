import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandForScript, guessCommands } from '../../../src/editor/config/guessCommand';
import { shellWord } from '../../../src/editor/config/shellWord';
import { findPython, onPath, spellPython } from '../../../src/editor/python/findPython';
import { nodeProgram } from '../../../src/editor/task/nodeProgram';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permafrost-guess-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function program(name: string): Promise<string> {
  const file = await write(name, '#!/bin/sh\n');
  await chmod(file, 0o755);
  return file;
}

const TRAINING = `import torch
for batch in loader:
    loss(batch).backward()
`;

describe('guessCommands', () => {
  const guess = (): Promise<readonly string[]> =>
    guessCommands(folder, () => Promise.resolve('py'));

  it('prefers the npm script train', async () => {
    await write('train.js', '');
    await write('package.json', '{ "scripts": { "start": "x", "train": "y" } }');
    expect(await guess()).toEqual(['npm run train']);
  });

  it('takes npm start, then a train.js', async () => {
    await write('train.js', '');
    expect(await guess()).toEqual(['node train.js']);
    await write('package.json', '{ "scripts": { "start": "x" } }');
    expect(await guess()).toEqual(['npm start']);
  });

  it('knows nothing in an empty folder or behind a broken package.json', async () => {
    expect(await guess()).toEqual([]);
    await write('package.json', '{ "scripts": 1');
    expect(await guess()).toEqual([]);
  });

  it('finds Python scripts by what they do, those called train first', async () => {
    await write('classify.py', TRAINING);
    await write('train.py', 'from engine import main\nif __name__ == "__main__":\n    main()\n');
    await write('scripts/finetune.py', `if __name__ == '__main__':\n    run()\n`);
    await write('scripts/my train.py', TRAINING);
    expect(await guess()).toEqual([
      'py train.py',
      'py scripts/finetune.py',
      `py 'scripts/my train.py'`,
      'py classify.py',
    ]);
  });

  it('leaves out modules, tests and scripts that do not train', async () => {
    await write('resnet.py', 'import torch\nclass Net(torch.nn.Module):\n    pass\n');
    await write('engine.py', 'import torch\ndef train(loss):\n    loss.backward()\n');
    await write('train_utils.py', 'def step(loss):\n    loss.backward()\n');
    await write('test_train.py', TRAINING);
    await write('constraints.py', 'print(1)\n');
    await write('predict.py', 'import torch\nprint(torch.load("x"))\n');
    expect(await guess()).toEqual([]);
  });

  it('asks for a Python only where a script needs one', async () => {
    await write('train.js', '');
    const refuse = (): Promise<string> => Promise.reject(new Error('asked'));
    expect(await guessCommands(folder, refuse)).toEqual(['node train.js']);
    await write('train.py', TRAINING);
    expect(await guessCommands(folder, refuse)).toEqual(['node train.js', 'python train.py']);
  });
});

describe('commandForScript', () => {
  it('runs a script by its language, with words quoted', async () => {
    const python = (): Promise<string> => Promise.resolve('/opt/my python/bin/python');
    expect(await commandForScript('a/train.mjs', python)).toBe('node a/train.mjs');
    expect(await commandForScript('train.py', python)).toBe(`'/opt/my python/bin/python' train.py`);
    expect(await commandForScript('train.py', () => Promise.resolve(undefined))).toBe(
      'python train.py',
    );
  });
});

describe('shellWord', () => {
  it('quotes for sh what sh would read as something else', () => {
    expect(shellWord('.venv/bin/python', 'linux')).toBe('.venv/bin/python');
    expect(shellWord("it's $HOME", 'linux')).toBe(String.raw`'it'\''s $HOME'`);
  });

  it('quotes for cmd.exe, which knows no single quotes', () => {
    expect(shellWord(String.raw`C:\Program Files\python.exe`, 'win32')).toBe(
      String.raw`"C:\Program Files\python.exe"`,
    );
    expect(shellWord(String.raw`.venv\Scripts\python.exe`, 'win32')).toBe(
      String.raw`.venv\Scripts\python.exe`,
    );
  });
});

describe.skipIf(process.platform === 'win32')('findPython', () => {
  it('takes the virtual environment of the folder, .venv first', async () => {
    await program('env/bin/python');
    expect(await findPython(folder, '')).toBe('env/bin/python');
    await program('.venv/bin/python');
    expect(await findPython(folder, '')).toBe('.venv/bin/python');
  });

  it('takes no environment whose Python cannot be run', async () => {
    await write('.venv/bin/python', '');
    expect(await findPython(folder, '')).toBeUndefined();
  });

  it('takes python3, else python, of PATH', async () => {
    await program('one/python');
    const path = [join(folder, 'none'), join(folder, 'one')].join(delimiter);
    expect(await findPython(folder, path)).toBe('python');
    await program('one/python3');
    expect(await findPython(folder, path)).toBe('python3');
    expect(await onPath('python3', path)).toBe(join(folder, 'one', 'python3'));
  });
});

describe.skipIf(process.platform === 'win32')('spellPython', () => {
  it('is relative to the folder inside of it', async () => {
    expect(await spellPython(join(folder, '.venv/bin/python'), folder, '')).toBe(
      '.venv/bin/python',
    );
  });

  it('is the name that stands for it on PATH', async () => {
    const python = await program('usr/bin/python3.11');
    await symlink(python, join(folder, 'usr/bin/python3'));
    expect(await spellPython(python, '/elsewhere', join(folder, 'usr/bin'))).toBe('python3');
  });

  it('stays the path of another environment, though that links to the same file', async () => {
    const python = await program('usr/bin/python3');
    await mkdir(join(folder, 'envs/torch/bin'), { recursive: true });
    const other = join(folder, 'envs/torch/bin/python3');
    await symlink(python, other);
    expect(await spellPython(other, '/elsewhere', join(folder, 'usr/bin'))).toBe(other);
  });
});

describe('nodeProgram', () => {
  it('is the Node of the extension host, unless that is Electron and there is a node', () => {
    const server = { execPath: '/server/node', electron: false };
    const desktop = { execPath: '/app/code', electron: true };
    expect(nodeProgram(server, true)).toEqual({ program: '/server/node', env: {} });
    expect(nodeProgram(desktop, true)).toEqual({ program: 'node', env: {} });
    expect(nodeProgram(desktop, false)).toEqual({
      program: '/app/code',
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
  });
});
