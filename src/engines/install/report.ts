import type { EngineManifest } from '../manifest';

/** The steps of an installation, in their order; not every engine has all. */
export const INSTALL_STEPS = [
  'check',
  'packages',
  'download',
  'unpack',
  'compile',
  'verify',
] as const;
export type InstallStep = (typeof INSTALL_STEPS)[number];

/** What an installation tells while it goes on. */
export type InstallReport =
  | {
      readonly type: 'plan';
      readonly kind: EngineManifest['kind'];
      /** Folder that the engine will be in. */
      readonly folder: string;
      readonly source: EngineManifest['source'];
      readonly steps: readonly InstallStep[];
      /** Bytes that come over the network; 0 when nothing does. */
      readonly downloadBytes: number;
      /** Bytes that the disk must have free, the download and what is deleted again included. */
      readonly diskBytes: number;
    }
  | {
      readonly type: 'progress';
      readonly step: InstallStep;
      /** Of `total`, in bytes; both 0 where it cannot be measured. */
      readonly done: number;
      readonly total: number;
      /** What is being done, as a sentence without its full stop. */
      readonly text: string;
    }
  /** It goes on, but not as one might expect. */
  | { readonly type: 'warning'; readonly text: string; readonly advice: string };

/** An installed engine that has added two numbers. */
export interface InstalledEngine {
  readonly folder: string;
  readonly manifest: EngineManifest;
  /** What it computed on, as in `the CPU`. */
  readonly device: string;
}

export interface InstallRequest {
  /** Where engines lie: see `installHome`. */
  readonly home: string;
  /** Folder of the project, whose node_modules serve where npm cannot be reached. */
  readonly project: string;
  /** The Python to use; the one of the environment or of PATH when not given. */
  readonly python?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Cancels the installation; what was downloaded is kept for the next try. */
  readonly signal: AbortSignal;
  readonly report: (report: InstallReport) => void;
}

/** Why an installation failed; a user can act on `advice`. */
export type EngineFailure =
  | 'cancelled'
  | 'locked'
  | 'unsupported'
  | 'no-python'
  | 'no-npm'
  | 'no-network'
  | 'no-compiler'
  | 'no-driver'
  | 'no-cuda'
  | 'no-space'
  | 'corrupt'
  | 'failed';

/** An engine cannot be installed; the message says what is wrong, in one sentence. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineFailure,
    message: string,
    /** The way out, as a sentence. */
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Installs one kind of engine into `home`, by `install` of `../store`.
 * @throws EngineError
 */
export type Installer = (request: InstallRequest) => Promise<InstalledEngine>;
