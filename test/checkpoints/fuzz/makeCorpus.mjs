// Makes the files of the corpus anew, by the libraries that own the formats:
// `node test/checkpoints/fuzz/makeCorpus.mjs`.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installCheckpointLibraries } from '../../../scripts/install-checkpoint-libraries.mjs';

const corpus = fileURLToPath(new URL('corpus', import.meta.url));
const { newest, keras } = installCheckpointLibraries(console.log);
const programs = [
  [newest.python, 'corpus_torch_files.py'],
  [keras.python, 'corpus_keras_files.py'],
  [process.execPath, 'corpusTfjsFiles.mjs'],
];
rmSync(corpus, { recursive: true, force: true });
for (const [program, script] of programs) {
  const path = fileURLToPath(new URL(`../writers/${script}`, import.meta.url));
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  execFileSync(program, [path, corpus], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}
