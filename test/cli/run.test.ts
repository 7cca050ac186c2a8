import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadRun } from '../../src/runs/store';
import { makeProject, notes, permafrost, start, TRAINER } from './project';

let folder = '';
const CONFIG = '{ "freeze": ["a", "b"] }\n';

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  folder = await makeProject(files);
  return folder;
}

describe('permafrost run', () => {
  it('tells each epoch and the verdict on stderr, and leaves the script its own output', async () => {
    const print = `process.stdout.write(Buffer.from([0, 0xff, 10, 13])); console.error('mine');`;
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); epoch(2); ${print}`,
    });
    const result = await permafrost(folder, 'run', '--', 'node', 'train.js');
    expect(result.code).toBe(0);
    expect(Buffer.from(result.stdout)).toEqual(Buffer.from('\u0000\ufffd\n\r'));
    expect(result.stderr).toContain('\nmine\n');
    const { id } = await loadRun(folder, 'latest');
    expect(notes(result)).toEqual([
      '2 rules of permafrost.json; running node train.js',
      'epoch 1/2: 2 frozen intact',
      'epoch 2/2: 2 frozen intact',
      '2 frozen tensors intact over 2 epochs.',
      `details: permafrost report ${id} (.permafrost/runs/${id})`,
    ]);
  });

  it('tells an epoch while the command still runs', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); setTimeout(() => { console.error('end'); epoch(2) }, 1500);`,
    });
    const { stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect(stderr.indexOf('epoch 1/2')).toBeLessThan(stderr.indexOf('\nend\n'));
  });

  it('goes on when nobody reads what it says any more, and tells the verdict by its code', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} setTimeout(() => { epoch(1); epoch(2, [moved('a')]); }, 700);`,
    });
    const { child, result, seen } = await start(folder, 'run', '--', 'node', 'train.js');
    await seen('running node train.js');
    child.stderr?.destroy();
    expect((await result).code).toBe(3);
    const { state } = await loadRun(folder, 'latest');
    expect(state).toMatchObject({ status: 'finished', exitCode: 0 });
  });

  it('takes the command of the config, in a shell, in the folder of the config', async () => {
    await project({
      'permafrost.json': '{ "command": "node -p \'1+1\' && pwd" }',
    });
    const { code, stdout } = await permafrost(
      '/',
      'run',
      '--config',
      join(folder, 'permafrost.json'),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: `2\n${folder}\n` });
  });

  it('runs several words as they are, without a shell', async () => {
    await project({ 'permafrost.json': CONFIG });
    const show = 'console.log(JSON.stringify(process.argv.slice(1)))';
    const words = ['$HOME', 'a b', '*', '--quiet', "it's"];
    const { stdout } = await permafrost(folder, 'run', '--', 'node', '-e', show, '--', ...words);
    expect(JSON.parse(stdout)).toEqual(words);
  });

  it('leaves options behind the command to the command', async () => {
    await project({ 'permafrost.json': CONFIG });
    const { stdout } = await permafrost(folder, 'run', '--quiet', 'node', '--version');
    expect(stdout).toBe(`${process.version}\n`);
  });

  it('gives the command its standard input', async () => {
    await project({ 'permafrost.json': CONFIG });
    const echo = 'process.stdin.pipe(process.stdout)';
    const { child, result } = await start(folder, 'run', '--', 'node', '-e', echo);
    child.stdin?.end('hello');
    expect((await result).stdout).toBe('hello');
  });

  it('has the exit code of the script', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); process.exit(7)`,
    });
    const result = await permafrost(folder, 'run', 'node', 'train.js');
    expect(result.code).toBe(7);
    expect(notes(result)).toContain(
      '2 frozen tensors intact over 1 epoch; the command failed (exit code 7).',
    );
  });

  it('has exit code 3 when a frozen tensor moved, also when the script says 0', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); epoch(2, [moved('a')]);`,
    });
    const result = await permafrost(folder, 'run', '--quiet', 'node', 'train.js');
    expect(result.code).toBe(3);
    expect(notes(result).slice(0, 2)).toEqual([
      'epoch 2/2: a moved (1 element, max |Δ| 1.0e-7); 1 intact',
      '1 frozen tensor moved: a in epoch 2 (1 element, max |Δ| 1.0e-7).',
    ]);
    expect((await loadRun(folder, 'latest')).state.exitCode).toBe(0);
  });

  it('with --quiet says nothing when all is well', async () => {
    await project({ 'permafrost.json': CONFIG, 'train.js': `${TRAINER} epoch(1);` });
    const { stderr } = await permafrost(folder, 'run', '--quiet', 'node', 'train.js');
    expect(stderr).toBe('');
  });

  it('tells warnings of the hook with their way out', async () => {
    const message = `emit('message', { level: 'warning', code: 'clock', text: 'No epochs', advice: 'Set epochSteps.' })`;
    await project({ 'permafrost.json': CONFIG, 'train.js': `${TRAINER} ${message}` });
    const result = await permafrost(folder, 'run', 'node', 'train.js');
    expect(notes(result)).toContain('warning: No epochs. Set epochSteps.');
  });

  it('shows names that would steer the terminal as text', async () => {
    const name = JSON.stringify('\u001b[2J\u202e');
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1, [moved(${name})]);`,
    });
    const { stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect(stderr).toContain('\\u001b[2J\\u202e moved');
    expect(stderr).not.toContain('\u001b');
  });

  it('names models when there are several', async () => {
    const again = TRAINER.slice(TRAINER.indexOf("emit('model'"), TRAINER.indexOf('const model'));
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); ${again} epoch(1);`,
    });
    const result = await permafrost(folder, 'run', 'node', 'train.js');
    expect(notes(result)).toContain('net (2): epoch 1/2: 2 frozen intact');
    expect(notes(result)).toContain('4 frozen tensors of 2 models intact over 1 epoch.');
  });

  it('without a config runs with nothing frozen, and says so', async () => {
    await project({});
    const result = await permafrost(folder, 'run', 'node', '-e', '0');
    expect(result.code).toBe(0);
    expect(notes(result)[0]).toBe('no permafrost.json: running with nothing frozen');
    expect(notes(result)[1]).toBe(
      'No model was seen: the command loaded neither PyTorch nor TensorFlow.js.',
    );
  });

  it.each([
    [['nope', 'x'], 'command not found: nope.'],
    [['nope x'], 'command not found: nope.'],
  ])('%j that does not exist has exit code 127, and is told what to check', async (words, text) => {
    await project({ 'permafrost.json': CONFIG });
    const result = await permafrost(folder, 'run', '--', ...words);
    expect(result.code).toBe(127);
    expect(notes(result).at(-1)).toMatch(new RegExp(`^error: ${text} Check its spelling`));
    expect((await loadRun(folder, 'latest')).state).toMatchObject({
      status: 'failed',
      exitCode: 127,
    });
  });

  it('of a file that may not be executed has exit code 126', async () => {
    await project({ 'permafrost.json': CONFIG, 'train.js': '' });
    const result = await permafrost(folder, 'run', '--', './train.js');
    expect(result.code).toBe(126);
    expect(notes(result).at(-1)).toMatch(
      /cannot start \.\/train\.js \(EACCES\)\. Make it executable/,
    );
  });
});

describe('a config that is not valid', () => {
  it('is told with file, line and column, and nothing starts', async () => {
    await project({
      'permafrost.json': '{\n  "freeze": ["a"],\n  "onmove": "stop"\n}\n',
      'train.js': "require('node:fs').writeFileSync('started', '')",
    });
    const { code, stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^permafrost: permafrost\.json:3:3: error: .*onmove.*onMove/s);
    expect(await readdir(folder)).not.toContain('started');
    expect(await readdir(folder)).not.toContain('.permafrost');
  });

  it('with a rule that the last inspection knows no tensor for only warns', async () => {
    await project({
      'permafrost.json': '{ "freeze": ["conf1/**"] }',
      'train.js': `${TRAINER} epoch(1)`,
    });
    const tensor = {
      name: 'conv1/kernel',
      kind: 'parameter',
      module: 'conv1',
      type: 'Conv2D',
      dtype: 'float32',
      shape: [3],
    };
    const inspection = {
      version: 1,
      framework: 'tensorflow.js',
      source: 'node train.js',
      time: 1,
      models: [{ name: 'net', className: 'Sequential', tensors: [tensor] }],
    };
    await mkdir(join(folder, '.permafrost'));
    await writeFile(join(folder, '.permafrost', 'model.json'), JSON.stringify(inspection));
    const { code, stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^permafrost: permafrost\.json:1:14: warning: .*conv1/m);
    const other = await permafrost(folder, 'run', 'node', './train.js');
    expect(other.stderr, 'the inspection of another command tells nothing').not.toMatch(/warning:/);
  });

  it('beside a garbled inspection is run, with a warning that names the place', async () => {
    await project({ 'permafrost.json': CONFIG, 'train.js': `${TRAINER} epoch(1)` });
    await mkdir(join(folder, '.permafrost'));
    await writeFile(join(folder, '.permafrost', 'model.json'), '{');
    const { code, stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*model\.json:1:2: not JSON.*permafrost inspect/);
  });
});

describe('an events file', () => {
  it('that is deleted during the run is told, and the run is not called intact', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1);
        setTimeout(() => fs.rmSync(file), 700);
        setTimeout(() => epoch(2), 1400);`,
    });
    const result = await permafrost(folder, 'run', 'node', 'train.js');
    expect(notes(result)).toContainEqual(
      expect.stringMatching(/^warning: the events file was cut/),
    );
    expect(notes(result)).toContainEqual(expect.stringMatching(/^Not verified: /));
  });

  it('that is emptied after a tensor moved does not make the run good', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1, [moved('a')]); setTimeout(() => fs.truncateSync(file), 700);
        setTimeout(() => {}, 1400);`,
    });
    expect((await permafrost(folder, 'run', 'node', 'train.js')).code).toBe(3);
  });

  it('with garbled lines keeps the run from being called intact', async () => {
    await project({
      'permafrost.json': CONFIG,
      'train.js': `${TRAINER} epoch(1); fs.appendFileSync(file, 'garbage\\n'); epoch(2)`,
    });
    const result = await permafrost(folder, 'run', 'node', 'train.js');
    expect(notes(result)).toContain('Not verified: 1 line of the events file could not be read.');
  });
});

describe('a folder that cannot be written', () => {
  it('is named, with the way out, and nothing starts', async () => {
    await project({
      'permafrost.json': CONFIG,
      '.permafrost': 'a file',
      'train.js': 'console.log(1)',
    });
    const { code, stdout, stderr } = await permafrost(folder, 'run', 'node', 'train.js');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`error: Cannot write ${join(folder, '.permafrost', 'runs')}`);
    expect(stderr).toContain('Move the file away');
  });
});
