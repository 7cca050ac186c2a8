// `npm run demo`: installs and builds what is missing, then trains the sample under Permafrost.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sample = fileURLToPath(new URL('../samples/tfjs-digits', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const page = '.permafrost/report.html';

installDependencies(console.log);
// The sample finds @tensorflow/tfjs in the repository's node_modules.
node([fileURLToPath(new URL('build.mjs', import.meta.url))], root);
node([cli, 'run', '--', 'node', 'train.js'], sample);
node([cli, 'report', 'latest', '--html', page], sample);
console.log(`The report: ${new URL(`../samples/tfjs-digits/${page}`, import.meta.url)}`);

function node(args, cwd) {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
