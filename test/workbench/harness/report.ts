import type { Workbench } from './workbench';

/** How many epochs the open report shows `tensor` intact in; 0 while it does not show it. */
export async function intactEpochs(workbench: Workbench, tensor: string): Promise<number> {
  return (await rowText(workbench, tensor)).split(/\s+/).filter((word) => word === 'intact').length;
}

/** What the open report's table says of `tensor`: its name, then a verdict for each epoch. */
export async function rowText(workbench: Workbench, tensor: string): Promise<string> {
  const rows = workbench.reportFrame().locator('tr', { hasText: tensor });
  return (await rows.count()) === 0 ? '' : rows.first().innerText();
}

/** The verdict on top of the open report. */
export async function headline(workbench: Workbench): Promise<string> {
  return workbench.reportFrame().locator('h1').first().innerText();
}
