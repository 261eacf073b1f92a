/** The direction of imports: src/raft ← machines ← src/node ← { src/sim, src/model } ← src/cli. */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'rules-stand-alone',
      comment: 'The rules import nothing but each other: they also run in a browser.',
      severity: 'error',
      from: { path: '^src/raft/' },
      to: { pathNot: '^src/raft/' },
    },
    {
      name: 'charts-are-pure',
      comment: 'Charts import rules, pure computations and XState.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '^src/raft/', '^src/transport/backoff', '^node_modules/xstate/'] },
    },
    {
      name: 'ports-are-interfaces',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: ['^src/ports/', '^src/raft/'] },
    },
    {
      name: 'properties-stand-on-rules',
      severity: 'error',
      from: { path: '^src/properties/' },
      to: { pathNot: ['^src/properties/', '^src/raft/'] },
    },
    {
      name: 'codec-knows-messages',
      severity: 'error',
      from: { path: '^src/codec/' },
      to: { pathNot: ['^src/codec/', '^src/raft/', '^node_modules/'] },
    },
    {
      name: 'node-knows-ports',
      comment: 'The node reaches the world through ports only.',
      severity: 'error',
      from: { path: '^src/node/' },
      to: {
        path: '^src/(storage|transport|kv|http|cli|sim|model|system|check)/',
        pathNot: '^src/transport/backoff',
      },
    },
    {
      name: 'adapters-know-ports',
      severity: 'error',
      from: { path: '^src/(storage|transport|system|kv)/' },
      to: { path: '^src/(node|http|cli|sim|model|check)/' },
    },
    {
      name: 'only-the-command-line-composes',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'page-runs-in-a-browser',
      comment:
        'The page draws what was laid out when it was built; of the node it knows the types of its reports.',
      severity: 'error',
      from: { path: '^src/view/page/' },
      to: {
        path: '^(src|machines)/|^node:',
        pathNot: ['^src/view/', '^src/diagram/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: { path: '^(machines|src)/' },
      to: { path: '^(test|bench|examples)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
