// Runs every bench, one after the other: each prints one line. `npm run bench -- tree` runs one.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';
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
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace(/\.ts$/, '')));
for (const name of benches) run([tsx, `bench/${name}`]);

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
