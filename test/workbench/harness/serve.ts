/** What `npm run workbench` runs: a workbench for a person, or one screenshot of it. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { sampleFolder, type Scratch } from './scratch';
import { CodeServer } from './server';
import { Workbench } from './workbench';

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { screenshot: { type: 'string' }, port: { type: 'string' } },
  });
  const sample = await sampleFolder('tfjs-digits');
  try {
    if (values.screenshot === undefined) await serve(sample, values.port);
    else await picture(sample, values.screenshot);
  } finally {
    await sample.dispose();
  }
}

async function serve({ folder }: Scratch, port: string | undefined): Promise<void> {
  const settings = { 'workbench.hover.delay': 300, 'workbench.reduceMotion': 'auto' };
  const server = await CodeServer.start({
    settings,
    ...(port === undefined ? {} : { port: Number(port) }),
  });
  console.log(`${server.url}/?folder=${encodeURIComponent(folder)}`);
  console.log(`A copy of samples/tfjs-digits in ${folder}. Ctrl+C ends it.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.stop();
}

async function picture({ folder }: Scratch, file: string): Promise<void> {
  const workbench = await Workbench.launch({ folder });
  try {
    await workbench.openView();
    await workbench.screenshot(file);
    console.log(file);
  } finally {
    await workbench.close();
  }
}
