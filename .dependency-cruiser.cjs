/**
 * The rooms of the design: which folder of src/ may import which.
 * `npm run rooms` refuses any other import, and any cycle.
 */
const ROOMS = {
  freeze: [],
  model: ['freeze'],
  runs: ['freeze', 'model'],
  engines: ['freeze', 'model', 'runs'],
  editor: ['freeze', 'model', 'runs', 'engines'],
  cli: ['freeze', 'model', 'runs', 'engines'],
};
/** Rooms that may see others only by their types, so that their bundle holds none of them. */
const TYPE_ONLY = { report: ['runs'], tfjs: ['runs', 'model'] };
const TFJS_VALUES = ['freeze', 'engines'];

const room = (name) => `^src/${name}/`;
const noCode = (from, allowed) => ({
  name: `${from}-room`,
  severity: 'error',
  comment: `src/${from} may import only: ${allowed.join(', ') || 'libraries'}`,
  from: { path: room(from) },
  to: {
    path: '^src/',
    pathNot: [from, ...allowed].map(room),
    dependencyTypesNot: ['type-only'],
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: { path: '^src' },
      to: { circular: true },
    },
    ...Object.entries(ROOMS).map(([from, allowed]) => ({
      ...noCode(from, allowed),
      to: { path: '^src/', pathNot: [from, ...allowed].map(room) },
    })),
    noCode('report', []),
    noCode('tfjs', TFJS_VALUES),
    ...Object.entries(TYPE_ONLY).map(([from, types]) => ({
      name: `${from}-types`,
      severity: 'error',
      comment: `src/${from} may import types only of: ${types.join(', ')}`,
      from: { path: room(from) },
      to: {
        path: '^src/',
        pathNot: [from, ...types, ...(from === 'tfjs' ? TFJS_VALUES : [])].map(room),
      },
    })),
    {
      name: 'vscode-only-in-editor',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/editor/', '^src/extension\\.ts$'] },
      to: { path: 'vscode$', dependencyTypesNot: ['local'] },
    },
    {
      name: 'nothing-imports-the-root',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/extension\\.ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
};
