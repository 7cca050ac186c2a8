// SwiftShader, a Vulkan driver that computes on the CPU, for the tests of WebGPU: Debian's Chromium
// brings it along, and the Vulkan loader too.
// `node scripts/install-swiftshader.mjs` exits 1 with the reason when it cannot be had.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { installBrowser } from './install-workbench.mjs';

/** Read by test/hook/swiftShader.ts. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * Makes SwiftShader ready. Never throws.
 * @param {(line: string) => void} say told what takes long
 * @returns {{ ok: true } | { ok: false, reason: string }}
 */
export function installSwiftShader(say = () => {}) {
  try {
    if (!existsSync(DRIVER)) installBrowser(say);
    if (existsSync(DRIVER)) return { ok: true };
    return { ok: false, reason: `Chromium came without ${DRIVER}` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcome = installSwiftShader(console.log);
  if (!outcome.ok) {
    console.error(outcome.reason);
    process.exitCode = 1;
  }
}
