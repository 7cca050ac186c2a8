import { ELSEWHERE, fullDisk } from './install/execute';
import {
  EngineError,
  type InstalledEngine,
  type Installer,
  type InstallRequest,
} from './install/report';
import { tensorflowInstaller } from './install/tensorflow';
import { LockedError } from './lock';
import type { EngineKind } from './manifest';
import { installWebgpu } from './webgpu/installWebgpu';

/** One installer a kind. */
const INSTALLERS: Readonly<Record<EngineKind, Installer>> = {
  cpu: tensorflowInstaller('cpu'),
  gpu: tensorflowInstaller('gpu'),
  webgpu: installWebgpu,
};

/**
 * Installs an engine of `kind` into `request.home`; one that was there stays until the new one has
 * added two numbers.
 * @throws EngineError
 */
export async function installEngine(
  kind: EngineKind,
  request: InstallRequest,
): Promise<InstalledEngine> {
  try {
    return await INSTALLERS[kind](request);
  } catch (error) {
    throw error instanceof EngineError ? error : asEngineError(error, request.home);
  }
}

function asEngineError(error: unknown, home: string): EngineError {
  if (error instanceof LockedError) {
    return new EngineError(
      'locked',
      `${error.message}.`,
      `Wait until it has ended; should it never have run, delete ${error.file}.`,
      { cause: error },
    );
  }
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return fullDisk(home, error);
  const unwritable = code === 'EACCES' || code === 'EROFS' || code === 'EPERM';
  return unwritable
    ? new EngineError(
        'failed',
        `Cannot write ${path ?? home} (${code}).`,
        `Make the folder writable, or ${ELSEWHERE}`,
        { cause: error },
      )
    : new EngineError('failed', message, '', { cause: error });
}
