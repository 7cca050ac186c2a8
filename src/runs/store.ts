import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { Inspection } from '../model/inspection';
import { parseInspection } from '../model/inspectionFile';
import { rankFiles } from './eventFiles';
import { LineSplitter } from './lineSplitter';
import { isAlive } from './launch/liveness';
import { eventsFile, runDirectory, runsDirectory } from './paths';
import { initialState, reduceLine, withLiveness } from './reduce/reduce';
import type { RunState } from './state';

export interface RunSummary {
  readonly id: string;
  readonly directory: string;
  readonly state: RunState;
}

/** All runs of the project in `folder`, newest first. */
export async function listRuns(folder: string): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (const id of await runIds(folder)) runs.push(await read(folder, id));
  return runs;
}

/**
 * One run, by id or as `latest`.
 * @throws Error naming the runs that there are
 */
export async function loadRun(folder: string, id: string): Promise<RunSummary> {
  const known = await runIds(folder);
  const wanted = id === 'latest' ? known[0] : known.find((each) => each === id);
  if (wanted === undefined) {
    throw new Error(
      known.length === 0
        ? `There are no runs in ${runsDirectory(folder)}.`
        : `There is no run ${id}; there are ${known.slice(0, 10).join(', ')}.`,
    );
  }
  return read(folder, wanted);
}

/**
 * The last inspection; null when there is none.
 * @throws FileFormatError naming file and place; what the file system throws
 */
export async function readInspection(file: string): Promise<Inspection | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return parseInspection(text, file);
}

/**
 * Ids of all runs of the project in `folder`, newest first; none when there is no such folder.
 * @throws what the file system throws
 */
export async function runIds(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(runsDirectory(folder), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
      .reverse();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function read(folder: string, id: string): Promise<RunSummary> {
  const directory = runDirectory(folder, id);
  let state = initialState(id);
  for (const file of [eventsFile(directory), ...(await rankFiles(directory))]) {
    const splitter = new LineSplitter();
    try {
      for await (const chunk of createReadStream(file)) {
        for (const line of splitter.push(chunk as Buffer)) state = reduceLine(state, line);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return { id, directory, state: withLiveness(state, isAlive) };
}
