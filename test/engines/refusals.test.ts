/** Installations that cannot succeed, each with its reason; none leaves a trace. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nvidiaDriver } from '../../src/engines/install/machine';
import { makeWheel, TestMachine } from './machine';
import { PackageIndex } from './packageIndex';

const MEGABYTE = 1 << 20;
const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const PROJECT = arch === 'aarch64' ? 'tensorflow' : 'tensorflow-cpu';
const WHEEL = `${PROJECT.replace('-', '_')}-2.21.0-cp311-cp311-manylinux_2_27_${arch}.whl`;
/** As far as an installation needs npm before it compiles. */
const NPM = `
mkdir -p node_modules/@tensorflow/tfjs-node-gpu/binding node_modules/node-api-headers/include
touch node_modules/node-api-headers/include/node_api.h`;

const leftovers = (machine: TestMachine): readonly string[] =>
  readdirSync(machine.home).filter((name) => name !== 'downloads');

describe.runIf(process.platform === 'linux')(
  'without what it needs, an installation says so',
  () => {
    it('no compiler: before anything is downloaded', async () => {
      const machine = new TestMachine().withPython().program('npm', NPM);
      const { code, lines, end } = await machine.run('install', 'cpu');
      expect(code).toBe(1);
      expect(lines).toHaveLength(1);
      expect(end).toMatchObject({
        type: 'error',
        code: 'no-compiler',
        text: 'There is no C++ compiler on PATH.',
        advice: expect.stringContaining('sudo apt-get install g++') as string,
      });
      expect(leftovers(machine)).toEqual([]);
    });

    it('no Python', async () => {
      const machine = new TestMachine().withCompiler().program('npm', NPM);
      const { code, end } = await machine.run('install', 'cpu');
      expect(code).toBe(1);
      expect(end).toMatchObject({ code: 'no-python', text: 'There is no Python on PATH.' });
      expect(leftovers(machine)).toEqual([]);
    });

    it('no pip and no uv', async () => {
      const machine = new TestMachine().withCompiler().program('npm', NPM);
      // A Python that knows no packages at all.
      machine.withPython().program('python3', `exec ${readPython(machine)} -S -E "$@"`);
      const { code, end } = await machine.run('install', 'cpu');
      expect(code).toBe(1);
      expect(end).toMatchObject({
        code: 'no-python',
        text: 'No Python on PATH has pip, and there is no uv.',
        advice: expect.stringContaining('--python') as string,
      });
    });

    it('no network: neither for pip nor for npm', async () => {
      const machine = new TestMachine().withPython().withCompiler();
      machine.program('npm', 'echo "npm error code ECONNREFUSED" >&2; exit 1');
      const { code, lines, end } = await machine.run('install', 'cpu');
      expect(code).toBe(1);
      expect(end).toMatchObject({
        code: 'no-network',
        text: expect.stringContaining('127.0.0.1') as string,
        advice: expect.stringContaining('pip config list') as string,
      });
      expect(lines.some(({ type }) => type === 'warning')).toBe(true);
      expect(leftovers(machine)).toEqual([]);
    });

    it.runIf(nvidiaDriver({}) === null)('no driver for the engine gpu', async () => {
      const machine = new TestMachine().withPython().withCompiler();
      const { code, end } = await machine.run('install', 'gpu');
      expect(code).toBe(1);
      expect(end).toMatchObject({ code: 'no-driver' });
    });
  },
);

function readPython(machine: TestMachine): string {
  const script = readFileSync(join(machine.root, 'bin', 'python3'), 'utf8');
  return /exec ('.*') /.exec(script)?.[1] ?? '';
}

describe.runIf(process.platform === 'linux')('a download', () => {
  let index: PackageIndex;
  let machine: TestMachine;
  const file = (name: string): string => join(machine.home, 'downloads', name);

  beforeEach(async () => {
    index = await PackageIndex.start(PROJECT);
    machine = new TestMachine({ PIP_INDEX_URL: index.url });
    machine.withPython().withCompiler().program('npm', NPM);
    const wheel = join(machine.root, WHEEL);
    makeWheel(wheel, 6 * MEGABYTE);
    index.add(WHEEL, readFileSync(wheel));
  });
  afterEach(() => {
    index.stop();
  });

  it('tells its size before, and is unpacked and compiled', async () => {
    const { code, lines, end } = await machine.run('install', 'cpu');
    const size = statSync(join(machine.root, WHEEL)).size;
    const plan = lines.find(({ type, source }) => type === 'plan' && source === 'pypi');
    expect(plan?.['downloadBytes']).toBeGreaterThan(size);
    expect(plan?.['diskBytes']).toBeGreaterThan(Number(plan?.['downloadBytes']));
    const last = (step: string): object | undefined =>
      lines.findLast((line) => line['step'] === step && Number(line['total']) > 0);
    expect(last('download')).toMatchObject({ done: size, total: size });
    expect(last('unpack')).toMatchObject({ done: 6 * MEGABYTE + 'framework'.length });
    // This machine's compiler fails.
    expect(code).toBe(1);
    expect(end).toMatchObject({ text: expect.stringContaining('this compiler fails') as string });
    expect(leftovers(machine)).toEqual([]);
  });

  it('that breaks off goes on where it broke off', async () => {
    index.manners.push({ then: 'drop', after: 3 * MEGABYTE }, { then: 'drop', after: MEGABYTE });
    const { lines } = await machine.run('install', 'cpu');
    expect(lines.some(({ step }) => step === 'unpack')).toBe(true);
    const starts = index.ranges.map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
    expect(starts).toHaveLength(3);
    expect(starts[1]).toBeGreaterThanOrEqual(2 * MEGABYTE);
    expect(starts[2]).toBeGreaterThanOrEqual(3 * MEGABYTE);
  });

  it('is cancelled by Ctrl+C, and goes on the next time', async () => {
    index.manners.push({ then: 'stall', after: 5 * MEGABYTE });
    const running = await machine.start('install', 'cpu');
    await running.line(({ step, done }) => step === 'download' && Number(done) > 0);
    running.child.kill('SIGINT');
    const { code, end } = await running.outcome;
    expect(code).toBe(130);
    expect(end).toMatchObject({ type: 'error', code: 'cancelled' });
    expect(leftovers(machine)).toEqual([]);
    const had = statSync(file(`${WHEEL}.part`)).size;
    expect(had).toBeGreaterThan(3 * MEGABYTE);
    const { lines } = await machine.run('install', 'cpu');
    expect(index.ranges).toEqual([null, `bytes=${had}-`]);
    expect(lines.some(({ step }) => step === 'unpack')).toBe(true);
  });

  it('is taken up from an installation that was killed', async () => {
    index.manners.push({ then: 'stall', after: 5 * MEGABYTE });
    const running = await machine.start('install', 'cpu');
    await running.line(({ step, done }) => step === 'download' && Number(done) > 0);
    running.child.kill('SIGKILL');
    await running.outcome;
    expect(leftovers(machine).some((name) => name.startsWith('.partial-cpu-'))).toBe(true);
    const { lines } = await machine.run('install', 'cpu');
    expect(lines.some(({ step }) => step === 'unpack')).toBe(true);
    expect(leftovers(machine)).toEqual([]);
  });

  it('refuses a second installation at once, which harms nothing', async () => {
    index.manners.push({ then: 'stall', after: 5 * MEGABYTE });
    const first = await machine.start('install', 'cpu');
    await first.line(({ step, done }) => step === 'download' && Number(done) > 0);
    const second = await machine.run('install', 'cpu');
    expect(second.code).toBe(1);
    expect(second.end).toMatchObject({
      code: 'locked',
      text: `process ${first.child.pid ?? 0} is installing the same engine.`,
    });
    expect(first.child.exitCode).toBeNull();
    expect(statSync(file(`${WHEEL}.part`)).size).toBeGreaterThan(3 * MEGABYTE);
    first.child.kill('SIGTERM');
    expect((await first.outcome).code).toBe(143);
  });

  it('is refused when the wheels are for other platforms only', async () => {
    const other = await PackageIndex.start(PROJECT);
    other.add(WHEEL.replace(`manylinux_2_27_${arch}`, 'win_amd64'), Buffer.from('wheel'));
    other.add(WHEEL.replace(/cp311/g, 'cp27'), Buffer.from('wheel'));
    const elsewhere = new TestMachine({ PIP_INDEX_URL: other.url });
    elsewhere.withPython().withCompiler().program('npm', NPM);
    const { code, end } = await elsewhere.run('install', 'cpu');
    other.stop();
    expect(code).toBe(1);
    expect(end).toMatchObject({
      code: 'unsupported',
      text: `No wheel of ${PROJECT}==2.21.0 is for this platform.`,
    });
  });

  it('is refused when it has not the checksum of the registry', async () => {
    index.checksum = 'ab'.repeat(32);
    const { code, end } = await machine.run('install', 'cpu');
    expect(code).toBe(1);
    expect(end).toMatchObject({ code: 'corrupt', text: expect.stringContaining(WHEEL) as string });
    // Once more from the start, since what was kept of an earlier try may have been at fault.
    expect(index.ranges).toEqual([null, null]);
    expect(readdirSync(join(machine.home, 'downloads'))).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('that fills the disk says so', async () => {
    mkdirSync(join(machine.home, 'downloads'));
    symlinkSync('/dev/full', file(`${WHEEL}.part`));
    const { code, end } = await machine.run('install', 'cpu');
    expect(code).toBe(1);
    expect(end).toMatchObject({
      code: 'no-space',
      text: expect.stringContaining(`The disk that holds ${machine.home} is full`) as string,
    });
    expect(lstatSync(file(`${WHEEL}.part`)).isSymbolicLink()).toBe(true);
    expect(leftovers(machine)).toEqual([]);
  });
});
