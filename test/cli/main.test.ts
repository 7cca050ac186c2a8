import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json';
import { installCli, makeProject, permafrost, startProcess } from './project';

let folder: string;

beforeAll(async () => {
  folder = await makeProject({});
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('permafrost', () => {
  it.each(['--help', '-h', 'help'])('%s lists its commands on stdout', async (word) => {
    const { code, stdout, stderr } = await permafrost(folder, word);
    expect([code, stderr]).toEqual([0, '']);
    for (const command of ['run', 'inspect', 'report', 'runs', 'ls', 'diff', 'verify']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} +\\w`, 'm'));
    }
  });

  it('without a word shows its help and fails', async () => {
    expect(await permafrost(folder)).toMatchObject({ code: 2 });
  });

  it('--version prints the version', async () => {
    expect(await permafrost(folder, '--version')).toMatchObject({
      code: 0,
      stdout: `${packageJson.version}\n`,
    });
  });

  it.each([
    'run --help',
    'inspect --help',
    'report --help',
    'runs --help',
    'ls --help',
    'diff --help',
    'verify --help',
    'engine --help',
    'engine install --help',
  ])('%s tells the options', async (words) => {
    const { code, stdout } = await permafrost(folder, ...words.split(' '));
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: permafrost ${words.split(' ')[0] ?? ''}`);
    expect(stdout).toContain('--config FILE');
  });

  it.each([
    [['rnu'], 'There is no command rnu. Did you mean run?'],
    [
      ['zzzzzz'],
      'There is no command zzzzzz. There are run, inspect, report, runs, ls, diff, verify, engine.',
    ],
    [['run', '--confg', 'x'], 'permafrost run has no option --confg. Did you mean --config?'],
    [['runs', '--qqq'], 'permafrost runs has no option --qqq. See permafrost runs --help.'],
    [['runs', 'x'], 'permafrost runs does not take "x". See permafrost runs --help.'],
    [['run', '--config'], 'See permafrost run --help.'],
    [['report', '--json', '--markdown'], 'One of --json, --markdown and --html is enough.'],
    [['report', '--html'], 'See permafrost report --help.'],
    [['run', '--config', 'nowhere.json', 'true'], 'nowhere.json. Check the path after --config.'],
    [
      ['run'],
      'No command: none was given, and there is no permafrost.json. Write permafrost run --',
    ],
  ])('%j fails with exit code 2 and the way out', async (args, message) => {
    const { code, stdout, stderr } = await permafrost(folder, ...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^permafrost: error: .*\.\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('ends in silence when who reads its output has enough', async () => {
    const cli = await installCli();
    const { result } = startProcess('sh', ['-c', `"${cli}" --help | true; echo done`], folder);
    expect(await result).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
  });

  it('carries nothing of the editor', async () => {
    const bundle = join(dirname(await installCli()), 'cli.js');
    expect(await readFile(bundle, 'utf8')).not.toContain('permafrost.inspectModel');
  });
});
