import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyExtensions } from './extensions';
import { installed } from './installed';
import { markedProcesses, MARK } from './processes';
import { until } from './until';

/** Settings that make a real workbench quiet and readable for a test; see the harness header. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  // A hover would cover the next row's checkbox.
  'workbench.hover.delay': 600_000,
  'workbench.reduceMotion': 'on',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  // Text in the DOM instead of on a canvas.
  'terminal.integrated.gpuAcceleration': 'off',
  'terminal.integrated.shellIntegration.enabled': false,
  'terminal.integrated.stickyScroll.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
};

export interface ServerOptions {
  /** User settings beside the harness' own. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether folders are trusted from the start; default true. */
  readonly trusted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of `test/workbench/` that hold further extensions. */
  readonly extensions?: readonly string[];
  /**
   * PATH in the window, where VS Code takes the environment of a login shell. Default: that of
   * the system.
   */
  readonly path?: string;
  /** Default: a free port. */
  readonly port?: number;
}

/** A code-server of its own home, settings and extensions on a port of 127.0.0.1. */
export class CodeServer {
  private constructor(
    readonly directory: string,
    readonly url: string,
    /** Each extension host announces itself by a file here. */
    readonly agentDirectory: string,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves when the server listens. Throws, leaving nothing behind, when it does not. */
  static async start(options: ServerOptions = {}): Promise<CodeServer> {
    const programs = installed();
    const directory = await mkdtemp(join(tmpdir(), 'permafrost-workbench-'));
    const agents = join(directory, 'agents');
    const user = join(directory, 'data', 'User');
    await mkdir(agents, { recursive: true });
    await mkdir(user, { recursive: true });
    await copyExtensions(join(directory, 'extensions'), options.extensions);
    const trusted = options.trusted ?? true;
    const trust = { 'security.workspace.trust.startupPrompt': 'never' };
    const settings = { ...SETTINGS, ...(trusted ? {} : trust), ...options.settings };
    await writeFile(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
    if (options.path !== undefined) {
      await writeFile(join(directory, '.bash_profile'), `export PATH='${options.path}'\n`);
    }
    const port = options.port ?? (await freePort());
    const child = spawn(programs.node, [programs.codeServer, ...flags(directory, port, trusted)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(directory, agents, options.env ?? {}),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const server = new CodeServer(directory, `http://127.0.0.1:${port}`, agents, child);
    process.once('exit', server.kill);
    try {
      await until(
        'code-server to listen',
        () => output,
        (text) => {
          if (child.exitCode !== null) throw new Error(`code-server ended: ${text}`);
          return text.includes('HTTP server listening');
        },
      );
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Ends the server and everything started in it, and removes its folder. */
  async stop(): Promise<void> {
    process.removeListener('exit', this.kill);
    const ended = this.child.exitCode === null ? once(this.child, 'exit') : Promise.resolve();
    signalGroup(this.child, 'SIGTERM');
    await Promise.race([ended, new Promise((done) => setTimeout(done, 3_000).unref())]);
    this.kill();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** Synchronous, for the end of the test process. Terminals live outside the server's group. */
  private readonly kill = (): void => {
    signalGroup(this.child, 'SIGKILL');
    for (const pid of markedProcesses(this.directory)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  };
}

function flags(directory: string, port: number, trusted: boolean): string[] {
  return [
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
    ...['--config', join(directory, 'config.yaml'), '--user-data-dir', join(directory, 'data')],
    ...['--extensions-dir', join(directory, 'extensions')],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
    ...['--disable-proxy', '--ignore-last-opened'],
    // A closed page's extension host would live on for three hours.
    ...['--reconnection-grace-time', '2'],
    ...(trusted ? ['--disable-workspace-trust'] : []),
  ];
}

function environment(
  directory: string,
  agents: string,
  extra: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|VSCODE_|NODE_OPTIONS$|NODE_ENV$|TEST$|CI$|npm_)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    HOME: directory,
    SHELL: '/bin/bash',
    // No calls to a marketplace.
    EXTENSIONS_GALLERY: '{}',
    PERMAFROST_AGENT_DIR: agents,
    [MARK]: directory,
    ...extra,
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
