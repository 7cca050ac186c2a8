import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointListing } from '../../src/model/checkpoint/listing';
import type { Comparison } from '../../src/model/compare/comparison';
import { installCli, makeProject, permafrost, start, startProcess } from './project';
import { safetensorsFile } from './safetensorsFile';

const START = {
  'conv1.weight': [1, 2, 3, 4],
  'conv1.bias': [0],
  'fc.weight': [1, 2],
  'fc.bias': [5],
};
const TRAINED = { ...START, 'fc.weight': [1, 2.5] };
const MOVED = { ...TRAINED, 'conv1.weight': [1, 2, 3, 4.5] };
const RULES = ['--config', 'rules.json'];
/** Of files without content, which take no place on a disk: bytes. */
const LARGE = 64e9;
let folder: string;

beforeAll(async () => {
  folder = await makeProject({
    'rules.json': '{ "freeze": ["conv1.**"] }',
    'none.json': '{ "freeze": [] }',
    'other.json': '{ "freeze": ["conv2.**", "backbone.**"] }',
    'broken.json': '{ "freeze": ["conv1.**",] }',
    'half.json': '{ "freeze": [{ "match": "conv1.**", "until": 5 }] }',
  });
  await save('start.safetensors', START);
  await save('again.safetensors', START);
  await save('trained.safetensors', TRAINED);
  await save('moved.safetensors', MOVED);
  await save('negative.safetensors', { ...START, 'conv1.bias': [-0] });
  await save('gone.safetensors', { ...START, 'conv1.weight': [1, 2, 3], 'conv1.bias': undefined });
  await mkdir(join(folder, 'epochs'));
  for (const [epoch, tensors] of [
    [1, START],
    [2, TRAINED],
    [10, MOVED],
  ] as const) {
    await save(`epochs/ckpt-${String(epoch)}.safetensors`, tensors);
  }
  await symlink('ckpt-10.safetensors', join(folder, 'epochs', 'latest.safetensors'));
  await writeFile(join(folder, 'notes.txt'), 'not a checkpoint');
  await mkdir(join(folder, 'empty'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function save(
  name: string,
  tensors: Readonly<Record<string, readonly number[] | undefined>>,
): Promise<void> {
  const there = Object.entries(tensors).filter((entry) => entry[1] !== undefined);
  const file = safetensorsFile(Object.fromEntries(there) as Record<string, readonly number[]>);
  await writeFile(join(folder, name), file);
}

/** Without what it took, which is never the same. */
function untimed(text: string): string {
  return text.replace(/\S+ k?B read in [\d.]+ m?s\./, '… read.');
}

describe('permafrost ls', () => {
  it('prints the tree of a file with types, shapes, sizes and what the rules freeze', async () => {
    const { code, stdout, stderr } = await permafrost(folder, 'ls', 'start.safetensors', ...RULES);
    expect([code, stderr]).toEqual([0, '']);
    const bytes = (await readFile(join(folder, 'start.safetensors'))).length;
    expect(stdout).toBe(`start.safetensors: safetensors, ${String(bytes)} B

model: 4 tensors, 8 elements, 32 B, 2 frozen
  conv1
    weight  float32 4  4 elements  16 B  frozen
    bias    float32 1  1 element   4 B   frozen
  fc
    weight  float32 2  2 elements  8 B
    bias    float32 1  1 element   4 B
`);
  });

  it('says nothing of freezing without a config', async () => {
    const { stdout } = await permafrost(folder, 'ls', 'start.safetensors');
    expect(stdout).toContain('model: 4 tensors, 8 elements, 32 B\n');
  });

  it('prints the listing as JSON, of several files as an array', async () => {
    const one = await permafrost(folder, 'ls', '--json', 'start.safetensors');
    const listing = JSON.parse(one.stdout) as CheckpointListing;
    expect(listing).toMatchObject({
      ...{ version: 1, format: 'safetensors', source: 'start.safetensors', warnings: [] },
      files: ['start.safetensors'],
    });
    expect(listing.models[0]?.tensors[0]).toEqual({
      ...{ name: 'conv1.weight', module: 'conv1', type: '', kind: 'parameter' },
      ...{ dtype: 'float32', shape: [4] },
    });
    const two = await permafrost(folder, 'ls', '--json', 'epochs/ckpt-?.safetensors');
    const listings = JSON.parse(two.stdout) as readonly CheckpointListing[];
    expect(listings.map(({ source }) => source)).toEqual([
      'epochs/ckpt-1.safetensors',
      'epochs/ckpt-2.safetensors',
    ]);
  });

  it('warns of rules that match nothing, and lists nonetheless', async () => {
    const args = ['start.safetensors', '--config', 'other.json'];
    const { code, stdout, stderr } = await permafrost(folder, 'ls', ...args);
    expect(code).toBe(0);
    expect(stderr).toContain('other.json:1:14: warning: "conv2.**" matches no tensor.');
    expect(stdout).toContain('4 tensors');
  });

  it('takes classes of layers from the last inspection, as diff and verify do', async () => {
    await mkdir(join(folder, 'project', '.permafrost'), { recursive: true });
    const names = Object.keys(START);
    const tensors = names.map((name) => {
      const module = name.replace(/\.\w+$/, '');
      const type = module === 'fc' ? 'Linear' : 'Conv2d';
      return { name, module, type, kind: 'parameter', dtype: 'float32', shape: [1] };
    });
    const models = [{ name: 'net', className: 'Net', tensors }];
    const inspection = {
      version: 1,
      framework: 'pytorch',
      source: 'python train.py',
      time: 1,
      models,
    };
    const inProject = (name: string, value: unknown): Promise<void> =>
      writeFile(join(folder, 'project', name), JSON.stringify(value));
    await inProject('.permafrost/model.json', inspection);
    await inProject('permafrost.json', { freeze: [{ match: '**', type: 'Conv*' }] });
    const config = ['--config', join('project', 'permafrost.json')];
    const { stdout, stderr } = await permafrost(folder, 'ls', 'start.safetensors', ...config);
    expect(stderr).toBe('');
    expect(stdout).toContain('classes of layers as python train.py had them\n');
    expect(stdout).toContain('2 frozen\n  conv1 (Conv2d)\n');
    const files = ['start.safetensors', 'moved.safetensors'];
    expect(await permafrost(folder, 'verify', ...files, ...config)).toMatchObject({ code: 3 });
  });

  it('shows what would steer a terminal escaped', async () => {
    await save('names.safetensors', { 'a\u001b[2J.weight': [1], 'b\u202e.weight': [1] });
    const { stdout } = await permafrost(folder, 'ls', 'names.safetensors');
    expect(stdout).toContain('a\\u001b[2J');
    expect(stdout).toContain('b\\u202e');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  it.each([
    [['nowhere.pt'], 'error: nowhere.pt: there is no such file.'],
    [['notes.txt'], 'error: notes.txt: offset 0: the file is in no format that Permafrost reads'],
    [['*.ckpt'], 'error: No file matches *.ckpt. Check the pattern and the folder.'],
    [[], 'error: permafrost ls needs a checkpoint file. See permafrost ls --help.'],
    [['start.safetensors', '--jsn'], 'permafrost ls has no option --jsn. Did you mean --json?'],
    [['start.safetensors', '--config', 'broken.json'], 'broken.json:1:24: error: '],
    [['empty'], 'error: empty: '],
  ])('%j fails with exit code 2 and the reason', async (args, message) => {
    const { code, stdout, stderr } = await permafrost(folder, 'ls', ...args);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('ends in silence when who reads its output has enough', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`layers.${String(index)}.weight`, [index]]),
    );
    await save('many.safetensors', many);
    const script = `"${await installCli()}" ls many.safetensors | head -1`;
    const { result } = startProcess('sh', ['-c', script], folder);
    const { code, stdout, stderr } = await result;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^many\.safetensors: safetensors, \d+ kB\n$/);
  });
});

describe('permafrost diff', () => {
  it.each([
    [
      0,
      ['start.safetensors', 'again.safetensors'],
      'All 4 tensors are equal, every byte compared.',
    ],
    [1, ['start.safetensors', 'trained.safetensors'], '1 tensor differs.'],
    [1, ['start.safetensors', 'negative.safetensors'], '1 tensor differs.'],
    [0, ['start.safetensors', 'trained.safetensors', ...RULES], '2 frozen tensors are intact'],
    [3, ['start.safetensors', 'moved.safetensors', ...RULES], '1 frozen tensor moved.'],
    [3, ['start.safetensors', 'negative.safetensors', ...RULES], '1 frozen tensor moved.'],
    [3, ['start.safetensors', 'gone.safetensors', ...RULES], '2 frozen tensors moved.'],
    [0, ['start.safetensors', 'moved.safetensors', '--config', 'none.json'], 'Nothing is frozen'],
  ])('ends with %i: %j', async (expected, args, verdict) => {
    const { code, stdout, stderr } = await permafrost(folder, 'diff', ...args);
    expect(stdout).toContain(`\n${verdict}`);
    expect([code, stderr]).toEqual([expected, '']);
  });

  it('tells what moved with elements, difference and the rule; what is as expected as a count', async () => {
    const files = ['start.safetensors', 'moved.safetensors'];
    const { stdout } = await permafrost(folder, 'diff', ...files, ...RULES);
    expect(untimed(stdout).split('\n').slice(2)).toEqual([
      'under 1 rule of rules.json',
      '',
      'model: 4 tensors',
      '  conv1',
      '    weight  moved    1 element, max |Δ| 5.0e-1, relative L2 9.1e-2  error: frozen by "conv1.**"',
      '  fc',
      '    weight  changed  1 element, max |Δ| 5.0e-1, relative L2 2.2e-1',
      '  1 frozen and intact (--all lists them)',
      '  1 trainable, but did not move (--all lists them)',
      '',
      '1 frozen tensor moved. … read.',
      '',
    ]);
    const all = await permafrost(folder, 'diff', ...files, ...RULES, '--all');
    expect(all.stdout).toMatch(/^ {4}bias +intact +frozen by "conv1\.\*\*"$/m);
    expect(all.stdout).toMatch(/^ {4}bias +equal +trainable, but did not move$/m);
  });

  it('tells other shapes and what only one of the files has', async () => {
    const files = ['start.safetensors', 'gone.safetensors'];
    const { stdout } = await permafrost(folder, 'diff', ...files, ...RULES);
    expect(stdout).toMatch(/^ {4}weight +other shape +4 → 3 +error: frozen by "conv1\.\*\*"$/m);
    expect(stdout).toMatch(/^ {4}bias +only before +error: frozen by "conv1\.\*\*"$/m);
  });

  it('prints the comparison as JSON', async () => {
    const files = ['start.safetensors', 'moved.safetensors'];
    const { stdout } = await permafrost(folder, 'diff', ...files, ...RULES, '--json');
    const { config, models } = JSON.parse(stdout) as Comparison;
    expect(config).toMatchObject({ file: 'rules.json', rules: ['"conv1.**"'], matched: [2] });
    expect(models[0]?.tensors[0]).toMatchObject({
      name: 'conv1.weight',
      pairs: [{ verdict: { kind: 'different', elements: 1, maxDelta: 0.5 }, expected: 'frozen' }],
    });
  });

  it('prints Markdown and writes HTML', async () => {
    const files = ['start.safetensors', 'moved.safetensors'];
    const markdown = await permafrost(folder, 'diff', ...files, ...RULES, '--markdown');
    expect(markdown.stdout).toMatch(/^\*\*1 frozen tensor moved/);
    const html = await permafrost(folder, 'diff', ...files, ...RULES, '--html', 'out.html');
    expect([markdown.code, html.code, html.stdout]).toEqual([3, 3, '']);
    const page = await readFile(join(folder, 'out.html'), 'utf8');
    expect(page).toContain('conv1.weight');
    expect(page).not.toMatch(/<script|(src|href)="(https?:)?\/\//);
  });

  it.each([['epochs/ckpt-*.safetensors'], ['epochs']])(
    'draws the matrix of %s by epochs, in the order of their numbers',
    async (word) => {
      const { code, stdout } = await permafrost(folder, 'diff', word, ...RULES);
      expect(code).toBe(3);
      const lines = untimed(stdout).split('\n');
      expect(lines.slice(0, 3).map((line) => line.split(':')[0])).toEqual([
        '1   epochs/ckpt-1.safetensors',
        '2   epochs/ckpt-2.safetensors',
        '10  epochs/ckpt-10.safetensors',
      ]);
      expect(lines.slice(4)).toEqual([
        '',
        'model: 4 tensors',
        '     2 10',
        '  conv1',
        '     i  m  weight  error: moved between 2 and 10 ' +
          '(1 element, max |Δ| 5.0e-1, relative L2 9.1e-2), frozen by "conv1.**"',
        '  fc',
        '     c  e  weight',
        '  1 frozen and intact (--all lists them)',
        '  1 trainable, but did not move (--all lists them)',
        '',
        'm moved, c changed, e equal, i intact',
        '1 frozen tensor moved. … read.',
        '',
      ]);
    },
  );

  it('takes what a shell expanded in the order of numbers, and each file once', async () => {
    const names = ['ckpt-1', 'ckpt-10', 'ckpt-2', 'latest'];
    const files = names.map((name) => `epochs/${name}.safetensors`);
    const { stdout, stderr } = await permafrost(folder, 'diff', ...files, '--json');
    const paths = (JSON.parse(stdout) as Comparison).files.map(({ path }) => path);
    expect(paths).toEqual(
      ['ckpt-1', 'ckpt-2', 'ckpt-10'].map((name) => `epochs/${name}.safetensors`),
    );
    expect(stderr).toBe(
      'permafrost: epochs/latest.safetensors is epochs/ckpt-10.safetensors: left out\n',
    );
  });

  it('takes its config from --config only', async () => {
    await writeFile(join(folder, 'epochs', 'permafrost.json'), '{ "freeze": ["conv1.**"] }');
    const files = ['ckpt-2.safetensors', 'ckpt-10.safetensors'];
    expect(await permafrost(join(folder, 'epochs'), 'diff', ...files)).toMatchObject({ code: 1 });
    expect(await permafrost(join(folder, 'epochs'), 'verify', ...files)).toMatchObject({ code: 3 });
    await rm(join(folder, 'epochs', 'permafrost.json'));
  });

  it.each([
    [['start.safetensors', './start.safetensors'], 'are the same file. Name two checkpoints.'],
    [['start.safetensors'], 'there is only start.safetensors. Name the one to compare it with.'],
    [[], 'permafrost diff needs two checkpoint files. See permafrost diff --help.'],
    [['empty'], 'There is no checkpoint in empty. Name two checkpoint files.'],
    [['start.safetensors', 'nowhere.pt'], 'error: nowhere.pt: there is no such file.'],
    [['start.safetensors', 'notes.txt'], 'error: notes.txt: offset 0: '],
    [
      ['start.safetensors', 'again.safetensors', '--config', 'other.json'],
      'other.json:1:14: error: "conv2.**" matches no tensor. Did you mean "conv1.**"?',
    ],
    [
      ['start.safetensors', 'again.safetensors', '--config', 'nowhere.json'],
      'nowhere.json. Check the path after --config.',
    ],
    [
      ['start.safetensors', 'again.safetensors', '--config', 'broken.json'],
      'broken.json:1:24: error: ',
    ],
    [['--json', '--markdown', 'a', 'b'], 'One of --json, --markdown and --html is enough.'],
  ])('%j fails with exit code 2 and the way out', async (args, message) => {
    const { code, stdout, stderr } = await permafrost(folder, 'diff', ...args);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('ends at once with Ctrl+C, in the middle of large files', async () => {
    const large = { x: { dtype: 'U8', shape: [LARGE], data_offsets: [0, LARGE] } };
    const header = Buffer.from(JSON.stringify(large));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    for (const name of ['large-a', 'large-b']) {
      const path = join(folder, name);
      await writeFile(path, Buffer.concat([length, header]));
      await truncate(path, length.length + header.length + LARGE);
    }
    const { child, result } = await start(folder, 'diff', 'large-a', 'large-b', '--exact');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(child.exitCode).toBeNull();
    const asked = performance.now();
    child.kill('SIGINT');
    expect(await result).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(performance.now() - asked).toBeLessThan(2000);
  });

  it('names file and place where a file is cut short', async () => {
    const whole = await readFile(join(folder, 'start.safetensors'));
    await writeFile(join(folder, 'short.safetensors'), whole.subarray(0, whole.length - 5));
    const result = await permafrost(folder, 'diff', 'start.safetensors', 'short.safetensors');
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(/^permafrost: error: short\.safetensors: (offset \d+: )?.+\n$/);
  });
});

describe('permafrost verify', () => {
  it.each([
    [0, 'trained.safetensors', 'rules.json', '2 frozen tensors are intact, every byte compared.'],
    [3, 'moved.safetensors', 'rules.json', '1 frozen tensor moved.'],
    [3, 'gone.safetensors', 'rules.json', '2 frozen tensors moved.'],
    [2, 'trained.safetensors', 'none.json', 'Nothing is frozen'],
  ])('ends with %i for %s under %s', async (expected, file, config, verdict) => {
    const args = ['start.safetensors', file, '--config', config];
    const { code, stdout } = await permafrost(folder, 'verify', ...args);
    expect(stdout.split('\n').at(-2)).toContain(verdict);
    expect(code).toBe(expected);
  });

  it('prints what is against it, and the verdict', async () => {
    const args = ['start.safetensors', 'moved.safetensors', ...RULES];
    const { stdout, stderr } = await permafrost(folder, 'verify', ...args);
    expect(stderr).toBe('');
    expect(untimed(stdout)).toBe(
      'conv1.weight: moved (1 element, max |Δ| 5.0e-1, relative L2 9.1e-2), frozen by "conv1.**"\n' +
        '1 frozen tensor moved. … read.\n',
    );
  });

  it('verifies every step between several checkpoints', async () => {
    const { code, stdout } = await permafrost(folder, 'verify', 'epochs', ...RULES);
    expect(code).toBe(3);
    expect(stdout).toContain('conv1.weight: moved between 2 and 10 (');
  });

  it('does not vouch for what is frozen in a part of the time', async () => {
    const args = [
      'epochs/ckpt-1.safetensors',
      'epochs/ckpt-10.safetensors',
      '--config',
      'half.json',
    ];
    const { code, stdout } = await permafrost(folder, 'verify', ...args);
    expect(stdout).toMatch(/^2 tensors cannot be verified: /);
    expect(code).toBe(2);
  });

  it('needs a config', async () => {
    const result = await permafrost(folder, 'verify', 'start.safetensors', 'again.safetensors');
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toBe(
      'permafrost: error: There is no permafrost.json, whose rules say what must be equal. ' +
        'Name one with --config, or compare without rules by permafrost diff.\n',
    );
  });

  it('says how to get a verdict where nothing is frozen', async () => {
    const args = ['start.safetensors', 'again.safetensors', '--config', 'none.json'];
    const { stderr } = await permafrost(folder, 'verify', ...args);
    expect(stderr).toBe(
      'permafrost: error: nothing to verify. Add rules to "freeze" in none.json.\n',
    );
  });
});
