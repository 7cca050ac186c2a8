import * as vscode from 'vscode';
import type { RunState } from '../../runs/state';
import type { RunMonitor } from '../runs/runMonitor';
import { runRow } from '../runs/runRow';

/** As many as the runs view lists. */
const MOST = 100;

interface RunItem extends vscode.QuickPickItem {
  readonly id: string;
}

/** Lets the user pick among the runs on disk; undefined when there are none or none is picked. */
export async function pickRun(title: string, monitor: RunMonitor): Promise<string | undefined> {
  await monitor.refresh();
  const live = new Set(monitor.live.map(({ id }) => id));
  const items = Promise.all(
    monitor.ids.slice(0, MOST).map(async (id) => item(id, await monitor.peek(id), live.has(id))),
  );
  return (await vscode.window.showQuickPick(items, { title }))?.id;
}

/** Lets the user pick among live runs when there are several. */
export async function pickLiveRun(
  title: string,
  monitor: RunMonitor,
): Promise<RunState | undefined> {
  const { live } = monitor;
  if (live.length < 2) return live[0];
  const items = live.map((state) => item(state.id, state, true));
  const picked = await vscode.window.showQuickPick(items, { title });
  return live.find(({ id }) => id === picked?.id);
}

function item(id: string, state: RunState | undefined, live: boolean): RunItem {
  const { label, description, icon } = runRow(id, state, live, new Date());
  return { id, label: `$(${icon}) ${label}`, description, detail: state?.command ?? '' };
}
