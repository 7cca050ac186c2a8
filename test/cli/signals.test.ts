import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/runs/launch/liveness';
import { loadRun } from '../../src/runs/store';
import { installCli, makeProject, notes, start, startProcess, TRAINER } from './project';

let folder = '';

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A trainer that counts its SIGINTs and, 300 ms after the first, tells them and ends. */
const SAVING = `${TRAINER}
  let interrupts = 0;
  process.on('SIGINT', () => {
    if (++interrupts === 1) setTimeout(() => { console.log('interrupts ' + interrupts); process.exit(0); }, 300);
  });
  setInterval(() => {}, 1000);
  epoch(1);
  emit('epoch-started', { model, epoch: 2, epochs: 2, clock: 'fit' });
  console.log('ready');
`;

/** A trainer that starts a helper which ignores SIGINT, and ends by SIGINT itself. */
const WITH_HELPER = `
  const { spawn } = require('node:child_process');
  const script = "process.on('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('up')";
  const helper = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  helper.stdout.once('data', () => console.log('helper ' + helper.pid + ' ready'));
  setInterval(() => {}, 1000);
`;

async function project(script: string): Promise<void> {
  folder = await makeProject({ 'permafrost.json': '{ "freeze": ["a"] }', 'train.js': script });
}

describe('a signal to permafrost run', () => {
  it('reaches the script once, which may save; the run is cancelled', async () => {
    await project(SAVING);
    const { child, result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen('ready');
    child.kill('SIGINT');
    const ended = await result;
    expect(ended.stdout).toBe('ready\ninterrupts 1\n');
    expect(ended).toMatchObject({ code: 130, signal: null });
    expect(notes(ended)).toContain(
      '2 frozen tensors intact over 1 epoch; the run was cancelled in epoch 2, which was not verified.',
    );
    expect((await loadRun(folder, 'latest')).state).toMatchObject({
      status: 'cancelled',
      exitCode: 0,
      verdict: { kind: 'intact', epochs: 1 },
    });
  });

  it('reaches what a shell has started', async () => {
    await project(SAVING);
    const { child, result, seen } = await start(folder, 'run', 'true && node train.js && true');
    await seen('ready');
    child.kill('SIGINT');
    expect(await result).toMatchObject({ code: 130, stdout: 'ready\ninterrupts 1\n' });
  });

  it('leaves no process behind', async () => {
    await project(WITH_HELPER);
    const { child, result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen(' ready');
    child.kill('SIGINT');
    const { code, stdout } = await result;
    const helper = Number(/helper (\d+)/.exec(stdout)?.[1]);
    expect([code, isAlive(helper)]).toEqual([130, false]);
  });

  it('ends by force a script that ignores it when it comes again', async () => {
    await project(
      "process.on('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('ready');",
    );
    const { child, result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen('ready');
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect((await loadRun(folder, 'latest')).state).toMatchObject({
      status: 'cancelled',
      signal: 'SIGTERM',
    });
  });

  it('SIGTERM gives exit code 143', async () => {
    await project("setInterval(() => {}, 1000); console.log('ready');");
    const { child, result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen('ready');
    child.kill('SIGTERM');
    expect((await result).code).toBe(143);
  });
});

describe('Ctrl+C in a terminal', () => {
  it('reaches the script once and gives exit code 130', async () => {
    await project(SAVING);
    // `script` (util-linux) gives the command a terminal and hands the exit code on.
    const command = `"${await installCli()}" run node train.js`;
    const terminal = startProcess('script', ['-qefc', command, '/dev/null'], folder);
    await terminal.seen('ready');
    terminal.child.stdin?.write('\u0003');
    const { code, stdout } = await terminal.result;
    expect(stdout).toContain('interrupts 1\r\n');
    expect(stdout).toContain('the run was cancelled in epoch 2');
    expect(code).toBe(130);
  });
});

describe('kill -9', () => {
  it('of the script leaves a failed run with its verdicts until then', async () => {
    await project(`${SAVING} console.log('pid ' + process.pid + ' here');`);
    const { result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen(' here');
    const { state } = await loadRun(folder, 'latest');
    process.kill(state.processes[0]?.pid ?? 0, 'SIGKILL');
    const ended = await result;
    expect(ended.code).toBe(137);
    expect(notes(ended)).toContain(
      '2 frozen tensors intact over 1 epoch; the command failed (SIGKILL) in epoch 2, which was not verified.',
    );
  });

  it('of everything leaves a lost run with its verdicts until then', async () => {
    await project(`${SAVING} console.log('pid ' + process.pid + ' here');`);
    const { child, result, seen } = await start(folder, 'run', 'node', 'train.js');
    await seen(' here');
    const { state } = await loadRun(folder, 'latest');
    expect(state.status).toBe('training');
    child.kill('SIGKILL');
    process.kill(state.processes[0]?.pid ?? 0, 'SIGKILL');
    await result;
    expect((await loadRun(folder, 'latest')).state).toMatchObject({
      status: 'lost',
      verdict: { kind: 'intact', tensors: 2, epochs: 1 },
    });
  });
});
