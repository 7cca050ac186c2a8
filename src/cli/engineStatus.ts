import { findEngine } from '../engines/findEngine';
import { tryEngine } from '../engines/tryEngine';
import { EngineError } from '../engines/install/report';
import { engineStatus, type MachineStatus } from '../engines/status';
import { statusText } from './engineText';
import { print } from './output';

/**
 * `permafrost engine status`.
 * @param folder of the project
 * @param trying whether each engine is loaded
 * @returns the exit code
 */
export async function statusCommand(
  folder: string,
  json: boolean,
  trying: boolean,
): Promise<number> {
  const status = engineStatus(folder, process.env);
  const devices = trying ? await tryAll(status) : {};
  print(
    json
      ? JSON.stringify({ ...status, ...(trying ? { devices } : {}) })
      : statusText(status, devices),
  );
  return 0;
}

/** What each installed engine computes on, or why it does not load, by its kind. */
async function tryAll({ engines, homes }: MachineStatus): Promise<Record<string, string>> {
  const devices: Record<string, string> = {};
  for (const { kind } of engines) {
    const found = findEngine(kind, homes);
    if ('missing' in found) continue;
    devices[kind] = await tryEngine(found, process.env).then(
      (device) => `computes on ${device}`,
      (error: unknown) => {
        if (error instanceof EngineError) return error.message;
        throw error;
      },
    );
  }
  return devices;
}
