/** What `npm run workbench` runs: a workbench for a person, or one screenshot of it. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { sampleFolder } from './scratch';
import { CodeServer } from './server';
import { Workbench } from './workbench';

const { values } = parseArgs({
  options: { screenshot: { type: 'string' }, port: { type: 'string' } },
});
const sample = await sampleFolder('tfjs-digits');

if (values.screenshot === undefined) await serve(values.port);
else await picture(values.screenshot);

async function serve(port: string | undefined): Promise<void> {
  const settings = { 'workbench.hover.delay': 300, 'workbench.reduceMotion': 'auto' };
  const server = await CodeServer.start(
    port === undefined ? { settings } : { settings, port: Number(port) },
  );
  console.log(`${server.url}/?folder=${encodeURIComponent(sample.folder)}`);
  console.log(`A copy of samples/tfjs-digits in ${sample.folder}. Ctrl+C ends it.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.stop();
  await sample.dispose();
}

async function picture(file: string): Promise<void> {
  const workbench = await Workbench.launch({ folder: sample.folder });
  try {
    await workbench.openView();
    await workbench.screenshot(file);
    console.log(file);
  } finally {
    await workbench.close();
    await sample.dispose();
  }
}
