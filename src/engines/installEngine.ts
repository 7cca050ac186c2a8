import type { EngineKind } from './manifest';
import { EngineError, type Installer } from './install/report';

const notYet: Installer = () =>
  Promise.reject(new EngineError('unsupported', 'This engine cannot be installed.', ''));

/** One installer a kind. */
const INSTALLERS: Readonly<Record<EngineKind, Installer>> = {
  cpu: notYet,
  gpu: notYet,
  webgpu: notYet,
};

/** Installs an engine of `kind`. @throws EngineError */
export function installEngine(
  kind: EngineKind,
  request: Parameters<Installer>[0],
): ReturnType<Installer> {
  return INSTALLERS[kind](request);
}
