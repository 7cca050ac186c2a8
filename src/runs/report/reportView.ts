/**
 * The view model of the report: what the webview, the HTML export and the Markdown draw. Plain
 * JSON; every text is ready to be shown (control and bidirectional characters made visible), and
 * things are referred to by index, so that a view can name nothing that the run does not hold.
 */

export type Tone =
  | 'intact'
  | 'moved'
  | 'not verified'
  | 'running'
  | 'nothing frozen'
  | 'no model'
  /** Of checkpoints that are compared without rules. */
  | 'equal'
  | 'different'
  /** A checkpoint that is only shown. */
  | 'listed';

/**
 * One cell of the table as one letter, so that an epoch of 10,000 tensors is 10 kB: **i**ntact,
 * **m**oved, re**b**ased, re**p**laced, mi**s**sing, **n**ot verified, **t**rainable, pending (**w**ait).
 * Of checkpoints, whether a tensor that nothing freezes is **e**qual or **c**hanged, no**v**el or
 * **g**one, has another shape or type (**d**), or is in neither file (**x**); frozen ones are `i`,
 * `m`, `n`, or `s`.
 */
export type CellLetter =
  'i' | 'm' | 'b' | 'p' | 's' | 'n' | 't' | 'w' | 'e' | 'c' | 'v' | 'g' | 'd' | 'x';

/**
 * How a BatchNorm-like layer normalised in one epoch: with **r**unning statistics, **b**atch
 * statistics, both (**m**ixed), `-` not told; a capital when its statistics were frozen.
 */
export type NormLetter = 'r' | 'b' | 'm' | '-' | 'R' | 'B' | 'M';

export interface ReportView {
  /** What is reported on: it decides which actions and columns there are. */
  readonly kind: 'run' | 'comparison' | 'checkpoint';
  /** Of a run; of checkpoints, the name of the last file. */
  readonly runId: string;
  readonly head: HeadView;
  readonly rules: readonly RuleView[];
  readonly models: readonly ModelView[];
  readonly notes: readonly NoteView[];
}

export interface HeadView {
  readonly tone: Tone;
  /** The verdict in words, short enough for a heading. */
  readonly headline: string;
  /** What to know beside it, as sentences; empty when the headline says it all. */
  readonly detail: string;
  /** Where the run stands: `Training`, `Failed: exit code 1`. */
  readonly status: string;
  readonly running: boolean;
  /** Failed, stopped or lost. */
  readonly endedBadly: boolean;
  /** Frozen tensors that moved, at most 100. */
  readonly movements: readonly MovementView[];
  /** How many more moved. */
  readonly furtherMovements: number;
  readonly configError: { readonly place: string; readonly text: string } | null;
  readonly facts: readonly FactView[];
}

export interface FactView {
  readonly label: string;
  readonly text: string;
  /** Shown in the editor's font: a command, a path. */
  readonly code: boolean;
  /** Tells of this machine what is nobody else's business: exports leave it out. */
  readonly local: boolean;
}

export interface MovementView {
  /** Index of the model. */
  readonly model: number;
  /** Index of its tensor; null when the model was never described. */
  readonly row: number | null;
  readonly modelName: string;
  readonly name: string;
  /** `epoch 2`; of more than two compared files the later one, of two nothing. */
  readonly when: string;
  /** `1 element, max |Δ| 1.0e-7`; empty when only a fingerprint was kept. */
  readonly size: string;
  readonly cause: string;
  /** Place in the script, `train.js:31`; empty when unknown. */
  readonly source: string;
  /** `rank 1`, `ranks 0 and 1`; empty where one process trains the model. */
  readonly ranks: string;
}

export interface RuleView {
  readonly text: string;
  /** Tensors that it matches, over all models; null until a model was seen. */
  readonly matched: number | null;
  /** Tensors that it freezes in some epoch, over all models; null until a model was seen. */
  readonly frozen: number | null;
}

export interface NoteView {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  /** The way out; empty when there is none. */
  readonly advice: string;
  /** What can be done about it by a button; null when nothing can. */
  readonly offer: OfferView | null;
}

export type OfferView =
  | {
      readonly kind: 'rules';
      /** As they would stand in the config. */
      readonly rules: readonly string[];
      /** Index of the message in the run. */
      readonly message: number;
    }
  /** The frozen prefix could be kept; `setting` as it would stand in the config. */
  | { readonly kind: 'cache'; readonly setting: string }
  /** An engine is not installed. */
  | { readonly kind: 'engine' };

/** One of the processes that train a model together. */
export interface RankView {
  readonly rank: number;
  readonly letter: CellLetter;
  /** Its verdict over all epochs: `14 frozen intact over 10 epochs`. */
  readonly text: string;
}

export interface ModelView {
  readonly name: string;
  readonly className: string;
  /** `14 of 20 tensors frozen; 1,234 of 5,678 parameters train (21.7%).` */
  readonly summary: string;
  /** The worst of its cells in a few words: `14 intact`, `1 moved`. */
  readonly standing: string;
  readonly tone: Tone;
  /** How many epochs the script asked for; null when unknown. */
  readonly totalEpochs: number | null;
  /** In the order of the model. */
  readonly tensors: readonly TensorView[];
  readonly columns: readonly ColumnView[];
  /**
   * For each tensor that was not intact in some epoch, the first time; of compared files for those
   * that differ, at most 5,000.
   */
  readonly problems: readonly ProblemView[];
  /** Names of the BatchNorm-like layers. */
  readonly layers: readonly string[];
  /** Set when a layer with frozen statistics normalised with batch statistics. */
  readonly normWarning: string | null;
  /** Indices of trainable tensors that have not moved. */
  readonly unmoved: readonly number[];
  readonly charts: readonly ChartView[];
  /** In ascending order; none where one process trains the model. */
  readonly ranks: readonly RankView[];
  /** Set when ranks hold different values of frozen tensors. */
  readonly rankNote: string | null;
  /** The epoch under way. */
  readonly progress: ProgressView | null;
}

export interface TensorView {
  readonly name: string;
  /** Further names of the same memory, as `also a, b`; empty when there are none. */
  readonly aliases: string;
  readonly kind: 'parameter' | 'statistic';
  /** Owning layer; empty for a tensor that belongs to none. */
  readonly module: string;
  readonly type: string;
  /** `3×3×1×8`; `scalar`. */
  readonly shape: string;
  readonly dtype: string;
  readonly elements: number;
  /** `frozen`, `frozen in epochs 1–5`; empty for a tensor that no rule freezes. */
  readonly frozen: string;
  /** Index of the rule that freezes it; null when none does. */
  readonly rule: number | null;
}

export interface ColumnView {
  /** Counted from 1; of compared files that do not tell theirs, the position from 1. */
  readonly epoch: number;
  /** What heads the column, in a few characters: `3`, `best.pt`; of two compared files `→`. */
  readonly title: string;
  /** One {@link CellLetter} a tensor. */
  readonly cells: string;
  /** One {@link NormLetter} a layer, of the layers known by then. */
  readonly norms: string;
  /** Tensor index and words for what was found, for at most 500 tensors. */
  readonly details: readonly (readonly [row: number, text: string])[];
  /** The epoch's verdict in words. */
  readonly text: string;
}

export interface ProblemView {
  /** Index of the tensor. */
  readonly row: number;
  /** Counted from 1, as its column's. */
  readonly epoch: number;
  /** As of a movement. */
  readonly when: string;
  readonly letter: CellLetter;
  readonly text: string;
  /** Place in the script, `train.js:31`; empty when unknown. */
  readonly source: string;
}

export interface ChartView {
  /** Metric without `val_`: `loss`. */
  readonly title: string;
  /** Epochs, counted from 1. */
  readonly epochs: readonly number[];
  /** Values by epoch; null where there is none that can be drawn. */
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
  /** What the curves show, in words. */
  readonly summary: string;
}

export interface ProgressView {
  /** Counted from 1. */
  readonly epoch: number;
  /** Batches done. */
  readonly batch: number;
  readonly batches: number | null;
  /** `0.412`; empty when unknown. */
  readonly loss: string;
  /** The same as a number for the curve; null when unknown or not finite. */
  readonly lossValue: number | null;
}

/** What changed between two views. Absent parts are as they were. */
export interface ReportPatch {
  readonly head?: HeadView;
  readonly rules?: readonly RuleView[];
  readonly notes?: readonly NoteView[];
  readonly models?: readonly ModelPatch[];
}

export interface ModelPatch {
  readonly index: number;
  /** A model that is new or was described anew. */
  readonly whole?: ModelView;
  /** Columns by their position; one past the end is appended. */
  readonly columns?: readonly (readonly [position: number, column: ColumnView])[];
  readonly parts?: Partial<Omit<ModelView, 'tensors' | 'columns'>>;
}
