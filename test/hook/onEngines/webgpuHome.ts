import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../bundles';

/** Vulkan's description of SwiftShader, a GPU in software, which comes with Debian's Chromium. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The environment in which `"engine": "webgpu"` runs on SwiftShader; null where there is none. */
export function onSwiftShader(): Readonly<Record<string, string>> | null {
  if (!existsSync(SWIFTSHADER)) return null;
  return { PERMAFROST_ENGINE_HOMES: webgpuHome(), VK_ICD_FILENAMES: SWIFTSHADER };
}

/** A home with the engine `webgpu`, of the packages that are there for the tests. */
function webgpuHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'permafrost webgpu '));
  process.once('exit', () => {
    rmSync(home, { recursive: true, force: true });
  });
  const folder = join(home, 'webgpu');
  mkdirSync(folder);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const addon = `node_modules/webgpu/dist/${process.platform}-${process.arch}/dawn.node`;
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules/webgpu/package.json'), 'utf8'),
  ) as { readonly version: string };
  const manifest = {
    v: 1,
    kind: 'webgpu',
    library: `Dawn (webgpu ${version})`,
    platform: process.platform,
    arch: process.arch,
    source: 'npm',
    packages: 'node_modules',
    package: '@tensorflow/tfjs-backend-webgpu',
    addon,
    files: [{ path: addon, bytes: statSync(join(folder, addon)).size }],
    createdAt: Date.now(),
  };
  writeFileSync(join(folder, 'permafrost-engine.json'), JSON.stringify(manifest));
  return home;
}
