import { afterAll, afterEach, beforeAll } from 'vitest';
import { extensionState } from './extensionState';
import { keepFailurePictures } from './failurePicture';
import { gatedProject, type GatedProject } from './gatedProject';
import { until } from './until';
import { Workbench } from './workbench';

/** The config that each test finds. */
export const CONFIG = { command: 'node train.js 3', freeze: ['first/**', 'norm/**'] };

/**
 * One workbench on a gated project for all tests of a file; after each test its runs are ended and
 * editors, notifications and config are as before.
 * @param started gets both before the first test
 */
export function useGatedWorkbench(
  started: (project: GatedProject, workbench: Workbench) => void,
): void {
  let project: GatedProject;
  let workbench: Workbench;

  beforeAll(async () => {
    project = await gatedProject(CONFIG);
    workbench = await Workbench.launch({ folder: project.folder });
    started(project, workbench);
    await workbench.openView();
  });

  afterAll(async () => {
    await workbench.close();
    await project.dispose();
  });

  afterEach(async () => {
    project.open(99);
    await untilLive(workbench, 0);
    await workbench.execute('workbench.action.closeAllEditors');
    await workbench.execute('notifications.clearAll');
    project.open(0);
    await project.setConfig(CONFIG);
  });

  keepFailurePictures(() => workbench);
}

/** Waits until so many runs are live in the window. */
export async function untilLive(workbench: Workbench, count: number): Promise<void> {
  const live = async (): Promise<number> => (await extensionState(workbench)).liveRuns.length;
  await until(`${count} live runs`, live, (found) => found === count);
}

/** Waits until the status bar's item has `part` in its text. */
export async function untilStatus(workbench: Workbench, part: string): Promise<void> {
  await until(
    'the status bar',
    () => workbench.statusText(),
    (text) => text.includes(part),
  );
}
