// Runs every bench, one after the other: each prints its figures. `npm run bench -- tree` runs one.
// Those of PyTorch run with Debian's torch and with the newest, as far as they are installed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { installDebianTorch, installNewestTorch } from './install-torch.mjs';
import { installWorkbench } from './install-workbench.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsx = fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url));

installDependencies(console.log);
const outcome = installWorkbench(console.log);
if (!outcome.ok) console.error(`The workbench cannot be installed: ${outcome.reason}`);
run([fileURLToPath(new URL('build.mjs', import.meta.url))]);

const wanted = process.argv.slice(2);
const benches = readdirSync(`${root}/bench`)
  .filter((name) => name !== 'median.ts')
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace(/\.(ts|py)$/, '')));
for (const name of benches.filter((each) => each.endsWith('.ts'))) run([tsx, `bench/${name}`]);
const torch = benches.filter((each) => each.endsWith('.py'));
for (const install of torch.length > 0 ? [installDebianTorch, installNewestTorch] : []) {
  const found = install(console.log);
  if (!found.ok) console.error(`${found.reason}`);
  for (const name of found.ok ? torch : []) run([`bench/${name}`], found.python);
}

function run(args, program = process.execPath) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
