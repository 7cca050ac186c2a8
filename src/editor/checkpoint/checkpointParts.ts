/**
 * What is needed once somebody opens or compares a checkpoint: a bundle of its own in
 * `scripts/lazy-bundles.mjs`, as most windows never do.
 */
export { CheckpointEditor } from './checkpointEditor';
export { chooseFiles, chooseOfRun } from './chooseComparison';
export { ComparisonPanel } from './comparisonPanel';
export { readSubject, writeSubject, type ComparisonSubject } from './comparisonSubject';
export { listCheckpoint } from './listCheckpoint';
export { DIALOG_FILTERS } from './pickCheckpoints';
