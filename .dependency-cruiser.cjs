/**
 * The house: rooms on floors, the ground first. What stands on a floor imports what stands on the floors below it, nothing
 * beside or above it; the same holds for the floors inside a room. `ARCHITECTURE.md` is drawn from the same file.
 */
const house = require('./docs/house.json');

const placeOf = (room) => (room === 'machines' ? '^machines/' : `^src/${room}/`);

/** A rule for each room of `floors` that has another beside or above it: an empty list of places would forbid every import. */
const floorRules = (floors, nameOf, placeOf) =>
  floors.flatMap((rooms, rank) =>
    rooms.flatMap(({ room, floors: inside = [] }) => {
      const others = [...rooms.filter((each) => each.room !== room), ...floors.slice(rank + 1).flat()];
      const own = {
        name: `floor-of-${nameOf(room)}`,
        comment: `${nameOf(room)} imports what stands on the floors below it, nothing beside or above it: move the code, or hand in what it needs. See ARCHITECTURE.md, The house.`,
        severity: 'error',
        from: { path: placeOf(room) },
        to: { path: others.map((each) => placeOf(each.room)) },
      };
      return [
        ...(others.length === 0 ? [] : [own]),
        ...floorRules(
          inside,
          (each) => `${nameOf(room)}-${each}`,
          (each) => `${placeOf(room)}${each}/`,
        ),
      ];
    }),
  );

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'No files import each other in a circle, types included: move what they share into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...floorRules(house.floors, (room) => room, placeOf),
    {
      name: 'every-file-in-a-room',
      comment: 'Every file stands in a room of the house: add the room to docs/house.json, or move the file.',
      severity: 'error',
      from: { path: '^src/', pathNot: house.floors.flat().map(({ room }) => placeOf(room)) },
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
      comment:
        'The rules of Raft import nothing but each other: they also run in a browser. See ARCHITECTURE.md, design rule 9.',
      severity: 'error',
      from: { path: '^src/raft/' },
      to: { pathNot: '^src/raft/' },
    },
    {
      name: 'charts-are-pure',
      comment:
        'Charts import rules, types of ports and XState, nothing else. See ARCHITECTURE.md, design rule 9.',
      severity: 'error',
      from: { path: '^machines/' },
      to: { pathNot: ['^machines/', '^src/(raft|ports)/', '^node_modules/xstate/'] },
    },
    {
      name: 'ports-are-interfaces',
      comment: 'Ports are interfaces: they import types of the rules, nothing else.',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: ['^src/ports/', '^src/raft/'] },
    },
    {
      name: 'node-knows-ports',
      comment:
        'The node reaches the outside world through ports; of the adapters it may import the codec alone.',
      severity: 'error',
      from: { path: '^src/node/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/codec/' },
    },
    {
      name: 'page-runs-in-a-browser',
      comment:
        'The page draws what was laid out when it was built; of the node it knows the types of its reports. Only the playground runs nodes, in a worker.',
      severity: 'error',
      from: { path: '^src/page/', pathNot: ['^src/page/data/', '^src/page/play/worker.ts$'] },
      to: {
        path: '^(src|machines)/',
        pathNot: ['^src/page/', '^src/statechart/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'page-uses-no-node',
      comment: 'The page runs in a browser, which has no modules of Node but those that stand in for them.',
      severity: 'error',
      from: { path: '^src/page/', pathNot: ['^src/page/data/', '^src/page/play/stand-ins/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'http-without-undici',
      comment: 'An import of node:http loads all of undici: take it from src/adapters/system/node-http.ts.',
      severity: 'error',
      from: {},
      to: { path: '^(node:)?http$', dependencyTypesNot: ['type-only'] },
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
