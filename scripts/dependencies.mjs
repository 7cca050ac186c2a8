// Installs the repository's npm packages when they are absent or older than the lock file.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** npm's own note of what it installed last. */
const installed = join(root, 'node_modules', '.package-lock.json');

/**
 * Throws with npm's last words when it fails.
 * @param {(line: string) => void} say told what takes long
 */
export function installDependencies(say = () => {}) {
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing npm packages (about half a minute)');
  const command = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  const result = spawnSync('npm', command, { cwd: root, encoding: 'utf8', timeout: 600_000 });
  if (result.status === 0) return;
  const words = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
  throw new Error(`\`npm ci\` failed: ${words.split('\n').slice(-8).join('\n')}`);
}
