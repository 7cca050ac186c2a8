import type { Page } from 'playwright-core';
import type { Workbench } from './workbench';

/**
 * Readies the window for a picture: no selection, no notification, more room for report and tree.
 * @param row to take the focus off what was clicked last; must be in sight
 */
export async function arrange(workbench: Workbench, row: string): Promise<void> {
  const { page } = workbench;
  await (await workbench.treeRow(row)).locator('.label-name').click();
  await page.keyboard.press('Escape');
  await workbench.execute('notifications.clearAll');
  const panel = await page.locator('.part.panel').boundingBox();
  const sidebar = await page.locator('.part.sidebar').boundingBox();
  if (panel === null || sidebar === null) throw new Error('no panel or side bar is drawn');
  await drag(page, [panel.x + 300, panel.y - 2], [panel.x + 300, panel.y + 90]);
  const edge = sidebar.x + sidebar.width + 2;
  await drag(page, [edge, 300], [edge + 60, 300]);
  // Away from the edge, which is highlighted under the pointer; the terminal tells its size a while.
  await page.mouse.move(edge + 600, 20);
  await page.waitForTimeout(2_000);
}

async function drag(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await page.mouse.up();
}
