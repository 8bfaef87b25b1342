/** Rooms from the ground up: a room imports only rooms above it in this list (docs/architecture.md). */
const rooms = ['base', 'fits', 'sky', 'pixels', 'butler', 'instruments', 'simulate', 'pipeline', 'graph', 'run', 'tasks', 'report', 'cli'];

const layering = rooms.map((room, i) => ({
  name: `${room}-looks-down`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: `^src/(${rooms.slice(i + 1).join('|') || 'nothing'})/` },
}));

module.exports = {
  forbidden: [
    ...layering,
    {
      name: 'front-doors',
      comment: 'Other rooms import a room through its index.ts only; worker processes enter run/ by a door that loads less.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/([^/]+)/.+', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/run/worker\\.ts$'] },
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^src' }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src', pathNot: ['^src/cli/', 'index\\.ts$'] }, to: {} },
  ],
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' } },
};
