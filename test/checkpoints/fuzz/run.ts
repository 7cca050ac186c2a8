// `npx tsx test/checkpoints/fuzz/run.ts --files 100000 --seed 1`; `--only N` tries one of them.
import { parseArgs } from 'node:util';
import { describeFigures, fuzz } from './fuzz';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1000000' },
    only: { type: 'string' },
  },
});
const from = Number(values.only ?? 0);
const to = values.only === undefined ? Number(values.files) : from + 1;
void fuzz({
  seed: Number(values.seed),
  from,
  to,
  seconds: Number(values.seconds),
}).then((figures) => {
  console.log(describeFigures(figures));
  if (figures.problems.length > 0) process.exitCode = 1;
});
