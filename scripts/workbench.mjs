// Serves a real VS Code with the extension and a copy of the sample, and prints its address.
//   npm run workbench                              until Ctrl+C
//   npm run workbench -- --screenshot FILE.png     one picture, for a machine without a display
//   npm run workbench -- --port 8080               default: a free one
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { installWorkbench } from './install-workbench.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

installDependencies(console.log);
const outcome = installWorkbench(console.log);
if (!outcome.ok) {
  console.error(`The workbench cannot be installed: ${outcome.reason}`);
  process.exit(1);
}
const tsx = fileURLToPath(new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url));
if (!existsSync(tsx)) throw new Error(`${tsx} is missing: run \`npm ci\``);
const serve = 'test/workbench/harness/serve.ts';
const result = spawnSync(process.execPath, [tsx, serve, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
