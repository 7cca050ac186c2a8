import * as vscode from 'vscode';
import type { RunState } from '../../runs/state';
import { configModel } from '../model/configModel';
import type { Project } from '../project';
import type { ComparisonSubject } from './comparisonSubject';
import { candidatesIn, pickCheckpoint, type Candidate } from './pickCheckpoints';

/** A script may write its last checkpoint while the run is being ended; in milliseconds. */
const SLACK = 60_000;

/**
 * What is to be compared: the given files and folders; of fewer than two files the others are asked
 * for. Two are put in the order of their time. Undefined when the user gave up.
 * @throws Error for a folder without two checkpoints
 */
export async function chooseFiles(
  given: readonly vscode.Uri[],
  project: Project,
): Promise<ComparisonSubject | undefined> {
  const files = (await Promise.all(given.map(filesAt))).flat();
  const folder = project.folder.current;
  const candidates = files.length > 1 || folder === undefined ? [] : await candidatesIn(folder);
  while (files.length < 2) {
    const [first] = files;
    const title = 'Compare Checkpoints';
    const asked = first === undefined ? 'The first checkpoint' : `Compare ${nameOf(first)} with…`;
    const others = candidates.filter(({ uri }) => uri.toString() !== first?.toString());
    const picked = await pickCheckpoint(title, asked, [
      { title: 'newest first', candidates: others },
    ]);
    if (picked === undefined) return undefined;
    files.push(picked);
  }
  return { files: files.length === 2 ? await byTime(files) : files, run: null };
}

/** The checkpoints that a run began and ended with, as the user says. Undefined when he gave up. */
export async function chooseOfRun(
  run: RunState,
  project: Project,
): Promise<ComparisonSubject | undefined> {
  const folder = project.folder.current;
  if (folder === undefined) return undefined;
  const candidates = await candidatesIn(folder);
  const model = configModel(project.config.state, folder);
  const end = (run.endedAt ?? Infinity) + SLACK;
  const before = candidates.filter(({ time }) => time < run.startedAt);
  const during = candidates.filter(({ time }) => time >= run.startedAt && time <= end);
  const isModel = ({ uri }: Candidate): boolean => uri.toString() === model?.toString();
  const start = await pickCheckpoint('Compare Start and End (1 of 2)', 'What the run began with', [
    { title: 'model of permafrost.json', candidates: candidates.filter(isModel) },
    { title: 'older than the run', candidates: before.filter((each) => !isModel(each)) },
    { title: 'others', candidates: without(candidates, before).filter((each) => !isModel(each)) },
  ]);
  if (start === undefined) return undefined;
  const others = candidates.filter(({ uri }) => uri.toString() !== start.toString());
  const last = await pickCheckpoint('Compare Start and End (2 of 2)', 'What the run left', [
    { title: 'written during the run', candidates: during.filter((each) => others.includes(each)) },
    { title: 'others', candidates: without(others, during) },
  ]);
  return last === undefined ? undefined : { files: [start, last], run: run.id };
}

function without(all: readonly Candidate[], some: readonly Candidate[]): readonly Candidate[] {
  return all.filter((each) => !some.includes(each));
}

/** The file itself; of a folder, the checkpoints below it. */
async function filesAt(uri: vscode.Uri): Promise<readonly vscode.Uri[]> {
  const { type } = await vscode.workspace.fs.stat(uri);
  if ((type & vscode.FileType.Directory) === 0) return [uri];
  const name = nameOf(uri);
  const found = await candidatesIn({ uri, name, index: 0 });
  if (found.length < 2) throw new Error(`There are no two checkpoints in ${name}.`);
  const natural = new Intl.Collator('en', { numeric: true });
  return found.toSorted((a, b) => natural.compare(a.name, b.name)).map((each) => each.uri);
}

async function byTime(files: readonly vscode.Uri[]): Promise<readonly vscode.Uri[]> {
  const times = await Promise.all(
    files.map(async (uri) => ({ uri, time: (await vscode.workspace.fs.stat(uri)).mtime })),
  );
  return times.sort((a, b) => a.time - b.time).map(({ uri }) => uri);
}

function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
