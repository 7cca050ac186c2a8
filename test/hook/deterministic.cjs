// Loaded before a script: fixes Math.random, and prints at the end what training left behind.
const { createHash } = require('node:crypto');

let state = 42;
let draws = 0;
Math.random = () => {
  draws++;
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

process.on('exit', () => {
  const engine = globalThis._tfengine;
  const hash = createHash('sha256');
  for (const variable of Object.values(engine?.registeredVariables ?? {})) {
    const { buffer, byteOffset, byteLength } = variable.dataSync();
    hash.update(variable.name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const ids = engine && [engine.nextTensorId(), engine.nextVariableId(), engine.state.numTensors];
  console.log(JSON.stringify({ draws, weights: hash.digest('hex'), ids, next: Math.random() }));
});
