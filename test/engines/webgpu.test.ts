/** `permafrost engine install webgpu`, for the machine that it finds: SwiftShader, or nothing. */
import { existsSync, readdirSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { findEngine } from '../../src/engines/findEngine';
import { readManifest } from '../../src/engines/manifest';
import { root } from '../hook/bundles';
import { hasSwiftShader, NO_DRIVER, offline, scratch, SWIFTSHADER } from '../hook/swiftShader';
import { NOWHERE, TestMachine } from './machine';

const NPM = `PATH='${dirname(process.execPath)}':"$PATH" exec npm "$@"`;
const ADDON = `node_modules/webgpu/dist/${process.platform}-${process.arch}/dawn.node`;
const BACKEND = 'node_modules/@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.node.js';

/** npm's cache of this user, where `npm ci` of this repository has put the packages. */
const CACHE = { npm_config_cache: join(process.env['HOME'] ?? '', '.npm') };
const nobody = (): Record<string, string> => ({ npm_config_cache: scratch('npm') });

/** What the engine is made of. */
const VERSIONS: Readonly<Record<string, string>> = {
  webgpu: '0.6.2',
  '@tensorflow/tfjs-backend-webgpu': '4.22.0',
};

const leftovers = (machine: TestMachine): readonly string[] =>
  readdirSync(machine.home).filter((name) => name !== 'downloads');

describe.skipIf(!hasSwiftShader)('engine install webgpu', () => {
  it('brings what this platform needs, tried, and says that the device is a program', async () => {
    const machine = new TestMachine({ ...SWIFTSHADER, ...CACHE }).program('npm', NPM);
    const { code, lines, end } = await machine.run('install', 'webgpu');
    expect(end).toMatchObject({ type: 'done' });
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ type: 'plan', kind: 'webgpu', source: 'npm' });
    const steps = lines.flatMap(({ type, step }) => (type === 'progress' ? [step] : []));
    expect(steps).toEqual(['packages', 'verify']);
    expect(lines.find(({ type }) => type === 'warning')).toMatchObject({
      text: expect.stringContaining('SwiftShader (software, WebGPU)') as string,
    });
    const folder = join(machine.home, 'webgpu');
    expect(readManifest(folder)).toMatchObject({
      manifest: {
        library: 'Dawn (webgpu 0.6.2)',
        packages: 'node_modules',
        package: '@tensorflow/tfjs-backend-webgpu',
        addon: ADDON,
        files: [{ path: ADDON }, { path: BACKEND }],
      },
    });
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.node'))).toEqual([ADDON]);
    expect(existsSync(join(folder, 'node_modules/webgpu/LICENSE.md'))).toBe(true);
    expect(leftovers(machine)).toEqual(['webgpu']);

    truncateSync(join(folder, ADDON), statSync(join(folder, ADDON)).size - 1);
    expect(findEngine('webgpu', [machine.home])).toMatchObject({
      missing: expect.stringMatching(/dawn\.node has \d+ bytes, \d+ were installed/) as string,
    });
  });

  it('takes the packages of the project where npm reaches nothing', async () => {
    const machine = new TestMachine({ ...SWIFTSHADER, ...offline() }).program('npm', NPM);
    symlinkSync(join(root, 'node_modules'), join(machine.project, 'node_modules'));
    const { code, lines } = await machine.run('install', 'webgpu');
    expect(lines.find(({ type }) => type === 'warning')).toMatchObject({
      text: 'npm cannot fetch webgpu: ENOTCACHED.',
    });
    expect(code).toBe(0);
    expect('manifest' in findEngine('webgpu', [machine.home])).toBe(true);
  });

  it('refuses where Vulkan has no driver, with how to get one', async () => {
    const machine = new TestMachine({ ...NO_DRIVER, ...CACHE }).program('npm', NPM);
    const { code, end } = await machine.run('install', 'webgpu');
    expect(end).toMatchObject({
      type: 'error',
      code: 'no-driver',
      advice: expect.stringContaining('mesa-vulkan-drivers') as string,
    });
    expect(code).toBe(1);
    expect(leftovers(machine)).toEqual([]);
  });
});

describe('engine install webgpu, without what it needs,', () => {
  it('says that there is no network', async () => {
    const env = { ...nobody(), npm_config_registry: NOWHERE };
    const machine = new TestMachine(env).program('npm', NPM);
    const { code, end } = await machine.run('install', 'webgpu');
    expect(end).toMatchObject({
      code: 'no-network',
      text: 'npm cannot fetch webgpu: ECONNREFUSED.',
    });
    expect(code).toBe(1);
    expect(leftovers(machine)).toEqual([]);
  });

  it('says that the disk is full', async () => {
    const machine = new TestMachine().program(
      'npm',
      'echo "npm error code ENOSPC" >&2; echo "npm error nospc No space left on device" >&2; exit 1',
    );
    const { end } = await machine.run('install', 'webgpu');
    expect(end).toMatchObject({ code: 'no-space' });
    expect(leftovers(machine)).toEqual([]);
  });
});

describe('engine install webgpu from a registry', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** A registry with both packages; `tarball` answers for their files. */
  async function registry(tarball: () => Buffer | null): Promise<string> {
    const server = createServer(({ url = '' }, response) => {
      if (url.endsWith('.tgz')) {
        const bytes = tarball();
        if (bytes !== null) response.end(bytes);
        return;
      }
      const name = decodeURIComponent(url.slice(1));
      const version = VERSIONS[name];
      if (version === undefined) {
        response.writeHead(404).end();
        return;
      }
      const dist = { tarball: `${address()}/${encodeURIComponent(name)}.tgz` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, versions: { [version]: { name, version, dist } } }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = (): string => {
      const { port } = server.address() as AddressInfo;
      return `http://127.0.0.1:${String(port)}`;
    };
    return address();
  }

  it('that serves other bytes is refused', async () => {
    const npm_config_registry = await registry(() => gzipSync(Buffer.alloc(2048)));
    const machine = new TestMachine({ ...nobody(), npm_config_registry }).program('npm', NPM);
    const { code, end } = await machine.run('install', 'webgpu');
    expect(end).toMatchObject({ type: 'error', code: 'corrupt' });
    expect(end['text']).toMatch(/checksum/);
    expect(code).toBe(1);
    expect(leftovers(machine)).toEqual([]);
  });

  it('is cancelled by SIGINT and leaves nothing behind', async () => {
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const npm_config_registry = await registry(() => {
      asked();
      return null;
    });
    const machine = new TestMachine({ ...nobody(), npm_config_registry }).program('npm', NPM);
    const running = await machine.start('install', 'webgpu');
    await isAsked;
    running.child.kill('SIGINT');
    const { end } = await running.outcome;
    expect(end).toMatchObject({ type: 'error', code: 'cancelled' });
    expect(leftovers(machine)).toEqual([]);
  });
});
