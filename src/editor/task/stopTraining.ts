import { appendEvent } from '../../runs/eventWriter';
import { eventsFile } from '../../runs/paths';
import { stopTree, treeOf } from '../../runs/launch/processTree';
import type { RunState } from '../../runs/state';
import type { RunMonitor } from '../runs/runMonitor';

/** The launcher writes the end by itself when it still can. */
const LAST_WORD_MILLISECONDS = 1500;

/**
 * Ends all processes of a run, gently first, and sees to it that its end is written. Works on what
 * the events say, so also for runs that another window or the CLI started.
 */
export async function stopRun(monitor: RunMonitor, run: RunState): Promise<void> {
  const alive = await treeOf(run.livePids);
  // The launcher comes first and takes its tree along.
  for (const pid of run.livePids.filter((each) => alive.includes(each))) await stopTree(pid);
  const directory = monitor.directory(run.id);
  if (directory === undefined || (await isOverSoon(monitor, run.id))) return;
  await appendEvent(eventsFile(directory), 'launcher', {
    type: 'run-ended',
    code: null,
    cancelled: true,
  });
}

async function isOverSoon(monitor: RunMonitor, id: string): Promise<boolean> {
  const deadline = Date.now() + LAST_WORD_MILLISECONDS;
  while (Date.now() < deadline) {
    if (!monitor.live.some((run) => run.id === id)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
