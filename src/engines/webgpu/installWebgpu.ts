import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fullDisk } from '../install/execute';
import { freeBytes, glibcVersion } from '../install/machine';
import type { InstallRequest, InstalledEngine } from '../install/report';
import { install } from '../store';
import {
  BACKEND,
  DISK_BYTES,
  DOWNLOAD_BYTES,
  LIBRARY,
  addonPath,
  checkPlatform,
  fetchPackages,
  neededFiles,
} from './packages';
import { tryDevice } from './tryDevice';

/**
 * Installs Dawn and the WebGPU backend of TensorFlow.js, once they have added two numbers on this
 * machine.
 * @throws EngineError, LockedError
 */
export async function installWebgpu(request: InstallRequest): Promise<InstalledEngine> {
  const { home, report } = request;
  checkPlatform(process.platform, process.arch, glibcVersion());
  report({
    type: 'plan',
    kind: 'webgpu',
    folder: join(home, 'webgpu'),
    source: 'npm',
    steps: ['packages', 'verify'],
    downloadBytes: DOWNLOAD_BYTES,
    diskBytes: DISK_BYTES,
  });
  await mkdir(home, { recursive: true });
  if ((await freeBytes(home)) < DISK_BYTES) throw fullDisk(home);
  return install(home, 'webgpu', async ({ folder, finish }) => {
    const progress = (step: 'packages' | 'verify', text: string): void => {
      report({ type: 'progress', step, done: 0, total: 0, text });
    };
    progress('packages', `Fetching ${LIBRARY} and ${BACKEND}`);
    await fetchPackages(folder, request);
    progress('verify', 'Adding two numbers on the GPU');
    const { name, isSoftware } = await tryDevice(join(folder, addonPath()), request);
    if (isSoftware) warnOfSoftware(name, report);
    const facts = {
      library: LIBRARY,
      source: 'npm',
      packages: 'node_modules',
      package: BACKEND,
      addon: addonPath(),
    } as const;
    const manifest = await finish(facts, neededFiles());
    return { folder: join(home, 'webgpu'), manifest, device: name };
  });
}

function warnOfSoftware(name: string, report: InstallRequest['report']): void {
  report({
    type: 'warning',
    text: `The only adapter is ${name}, which computes on the CPU`,
    advice: 'The engine cpu is much faster there. With a driver for the GPU, WebGPU uses that.',
  });
}
