/**
 * The house: rooms on floors, the ground first. A room imports what stands on the floors below it, never a room beside it
 * (`ARCHITECTURE.md` draws it from this list).
 */
const floors = [
  ['raft', 'statechart', 'check'],
  ['ports', 'trace'],
  ['adapters'],
  ['machines'],
  ['node'],
  ['store'],
  ['verify'],
  ['simulate', 'conformance'],
  ['page'],
  ['cli', 'entry'],
];

/** What each of the rooms that have several does with the others, the ground first. */
const roomsInside = {
  statechart: [['read'], ['draw', 'inspect'], ['compare', 'coverage']],
  verify: [['properties', 'protocol'], ['paths'], ['explore', 'coverage'], ['driven']],
};

const placeOf = (room) => (room === 'machines' ? '^machines/' : `^src/${room}/`);

const above = (rank) => floors.slice(rank + 1).flat();

/** An empty list of places would forbid every import. */
const rule = (name, comment, from, places) =>
  places.length === 0
    ? []
    : [{ name, comment, severity: 'error', from: { path: from }, to: { path: places } }];

const floorRules = floors.flatMap((rooms, rank) =>
  rooms.flatMap((room) =>
    rule(
      `floor-of-${room}`,
      `${room} imports rooms on the floors below it, none beside or above it: see ARCHITECTURE.md, The house.`,
      placeOf(room),
      [...rooms.filter((each) => each !== room), ...above(rank)].map(placeOf),
    ),
  ),
);

const insideRules = Object.entries(roomsInside).flatMap(([room, inside]) =>
  inside.flatMap((parts, rank) =>
    parts.flatMap((part) =>
      rule(
        `floor-of-${room}-${part}`,
        `In src/${room}, ${part} imports none of the parts beside or above it: see ARCHITECTURE.md, The house.`,
        `^src/${room}/${part}/`,
        [...parts.filter((each) => each !== part), ...inside.slice(rank + 1).flat()].map(
          (each) => `^src/${room}/${each}/`,
        ),
      ),
    ),
  ),
);

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'No two files import each other in a circle, types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...floorRules,
    ...insideRules,
    {
      name: 'every-file-in-a-room',
      comment: 'A file stands in one of the rooms of the house.',
      severity: 'error',
      from: { path: '^src/', pathNot: floors.flat().map(placeOf) },
      to: {},
    },
    {
      name: 'ground-stands-alone',
      comment:
        'The rules, the statechart tools and the checker know nothing of each other or of any other room.',
      severity: 'error',
      from: { path: '^src/(raft|statechart|check)/' },
      to: { path: '^(src|machines)/', pathNot: '^src/$1/' },
    },
    {
      name: 'rules-import-nothing',
      comment: 'The rules of Raft import nothing but each other: they also run in a browser.',
      severity: 'error',
      from: { path: '^src/raft/' },
      to: { pathNot: '^src/raft/' },
    },
    {
      name: 'charts-are-pure',
      comment: 'Charts import rules, ports and XState.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '^src/(raft|ports)/', '^node_modules/xstate/'] },
    },
    {
      name: 'ports-are-interfaces',
      comment: 'Ports name types of the rules, and nothing else.',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: ['^src/ports/', '^src/raft/'] },
    },
    {
      name: 'adapters-stand-alone',
      comment: 'An adapter knows its port, the rules’ types and nothing of the other adapters.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'node-knows-ports',
      comment: 'The node reaches the world through ports, and knows the wire format alone of the adapters.',
      severity: 'error',
      from: { path: '^src/node/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/codec/' },
    },
    {
      name: 'page-runs-in-a-browser',
      comment:
        'The page draws what was laid out when it was built; of the node it knows the types of its reports.',
      severity: 'error',
      from: { path: '^src/page/', pathNot: '^src/page/data/' },
      to: {
        path: '^(src|machines)/|^node:',
        pathNot: ['^src/page/', '^src/statechart/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'not-to-tests',
      comment: 'What is shipped imports no test, bench or example.',
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
