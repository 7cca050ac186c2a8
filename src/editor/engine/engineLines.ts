/** What `permafrost engine … --json` prints, one JSON object a line. */

export type EngineKind = 'cpu' | 'gpu' | 'webgpu';

/** What an installation is going to do. */
export interface InstallPlan {
  readonly type: 'plan';
  readonly kind: EngineKind;
  /** Folder that the engine will be in. */
  readonly folder: string;
  readonly source: 'python' | 'pypi' | 'package' | 'npm';
  readonly steps: readonly string[];
  /** Bytes that come over the network; 0 when nothing does. */
  readonly downloadBytes: number;
  /** Bytes that the disk must have free. */
  readonly diskBytes: number;
}

export interface InstallProgress {
  readonly type: 'progress';
  /** One of the plan's. */
  readonly step: string;
  /** Of `total`, in bytes; both 0 where it cannot be measured. */
  readonly done: number;
  readonly total: number;
  /** What is being done, as a sentence without its full stop. */
  readonly text: string;
}

/** It goes on, but not as one might expect. */
export interface InstallWarning {
  readonly type: 'warning';
  readonly text: string;
  readonly advice: string;
}

export interface InstallDone {
  readonly type: 'done';
  readonly kind: EngineKind;
  readonly folder: string;
  /** `TensorFlow 2.21.0`. */
  readonly library: string;
  /** What it computed on when it was tried. */
  readonly device: string;
}

export interface InstallError {
  readonly type: 'error';
  readonly text: string;
  /** The way out, as a sentence. */
  readonly advice: string;
}

export type InstallLine =
  InstallPlan | InstallProgress | InstallWarning | InstallDone | InstallError;

/** What there is of one kind of engine. */
export interface KindStatus {
  readonly kind: EngineKind;
  /** Null when it is not installed. */
  readonly installed: { readonly folder: string; readonly library: string } | null;
  /** Why it cannot be used or had here; null when nothing stands against it. */
  readonly obstacle: string | null;
}

export interface EngineStatus {
  readonly type: 'status';
  readonly kinds: readonly KindStatus[];
}
