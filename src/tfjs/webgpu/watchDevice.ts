import type { GpuDevice } from '../../engines/webgpu/gpuTypes';

/** Something that a user must know of the device that trains. */
export interface DeviceProblem {
  readonly code: 'engine-lost' | 'engine-error';
  readonly text: string;
  readonly advice: string;
}

/** A wrong command is likely repeated with every step. */
const TOLD_ERRORS = 3;

/**
 * Tells when the device is lost (the driver was reset or updated, the GPU unplugged), and when it
 * refuses a command, of which TensorFlow.js takes no notice: it goes on with the bytes that were
 * there before. Keeps no process alive.
 */
export function watchDevice(device: GpuDevice, tell: (problem: DeviceProblem) => void): void {
  void device.lost.then(({ reason, message }) => {
    tell({
      code: 'engine-lost',
      text: `The GPU device was lost (${[reason, message].filter(Boolean).join(': ')}); nothing more can be computed on it`,
      advice:
        'Start the run again. If it is lost again, try a smaller batch, a newer graphics driver, or another "engine".',
    });
  });
  let told = 0;
  device.addEventListener('uncapturederror', ({ error }) => {
    told++;
    if (told > TOLD_ERRORS) return;
    tell({
      code: 'engine-error',
      text: `The GPU refused a command, so what was computed may be wrong: ${oneLine(error.message)}`,
      advice: 'Try a smaller batch, or another "engine".',
    });
  });
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
