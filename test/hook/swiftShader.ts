import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installEngine } from '../../src/engines/installEngine';
import { root } from './bundles';

const FOLDER = '/usr/lib/chromium';
const DRIVER = join(FOLDER, 'vk_swiftshader_icd.json');

/** Whether this machine has SwiftShader: see scripts/install-swiftshader.mjs. */
export const hasSwiftShader = existsSync(DRIVER);

/** The environment in which Vulkan finds SwiftShader and nothing else. */
export const SWIFTSHADER: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: DRIVER,
  // For the Vulkan loader, where Debian's own is not installed.
  LD_LIBRARY_PATH: FOLDER,
};
/** The same, where Vulkan finds no driver. */
export const NO_DRIVER: Readonly<Record<string, string>> = {
  ...SWIFTSHADER,
  VK_ICD_FILENAMES: '/nonexistent.json',
};

/** An npm that reaches nothing, so that an engine is made of what the project has. */
export function offline(): Readonly<Record<string, string>> {
  return { npm_config_offline: 'true', npm_config_cache: scratch('npm') };
}

/** A folder that is removed when the process of the test file ends. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `permafrost ${name} `));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

let home: Promise<string> | undefined;

/** A home with the engine `webgpu`, for `PERMAFROST_ENGINE_HOMES`; made once per test file. */
export function webgpuHome(): Promise<string> {
  return (home ??= makeHome());
}

async function makeHome(): Promise<string> {
  const folder = scratch('engines');
  await installEngine('webgpu', {
    home: folder,
    project: root,
    env: { ...process.env, ...SWIFTSHADER, ...offline() },
    signal: new AbortController().signal,
    report: () => undefined,
  });
  return folder;
}
