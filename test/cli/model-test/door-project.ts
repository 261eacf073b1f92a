import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/cli/diagram/sources.ts';
import { projectOf } from '../machine/module-folder.ts';

const machine = `import { assign, setup } from 'xstate';

export const door = setup({
  guards: {
    isRight: ({ event }) => event.code.length === 4,
    isWorn: ({ context }) => context.tries >= 2,
  },
}).createMachine({
  id: 'door',
  context: { tries: 0 },
  initial: 'locked',
  states: {
    locked: {
      on: {
        enter: [
          { guard: 'isRight', target: 'open' },
          { guard: 'isWorn', target: 'alarm' },
          { actions: assign({ tries: ({ context }) => context.tries + 1 }) },
        ],
      },
    },
    open: { entry: assign({ tries: 0 }), on: { close: 'locked' }, after: { 5000: 'locked' } },
    alarm: { after: { 1000: { target: 'locked', actions: assign({ tries: 0 }) } } },
  },
});
`;

const model = `class Door {
  state = 'locked';
  tries = 0;
  leftMs = null;
  enter(code) {
    if (code.length === 4) this.go('open', 5000);
    else if (this.tries >= 2) this.go('alarm', 1000);
    else this.tries++;
  }
  go(state, leftMs) {
    this.state = state;
    this.leftMs = leftMs;
    if (state !== 'locked') this.tries = 0;
  }
  pass(ms) {
    if (this.leftMs !== null && (this.leftMs -= ms) <= 0) this.go('locked', null);
  }
}

export default {
  events: {
    enter: { samples: [{ code: '1234' }, { code: '0' }], run: (door, { code }) => door.enter(code) },
    close: (door) => door.go('locked', null),
  },
  assertions: {
    '*': (door, snapshot) => {
      if (door.state !== snapshot.value) throw new Error(\`the door is \${door.state}\`);
    },
  },
  setup: () => new Door(),
  advance: (door, ms) => door.pass(ms),
};
`;

const events = `export const events = { enter: [{ code: '1234' }, { code: '0' }] };
`;

/** What is altered in the machine of a door, or in the door. */
interface DoorChange {
  readonly machine?: (text: string) => string;
  readonly model?: (text: string) => string;
}

/** A project with such doors and their machines, each in a folder of this name; raftchart is installed as it stands here. */
export const doorProject = (doors: Readonly<Record<string, DoorChange>>): string => {
  const files = Object.entries(doors).flatMap(([name, change]) => [
    [`${name}/door.mjs`, (change.machine ?? ((text) => text))(machine)],
    [`${name}/door.model.mjs`, (change.model ?? ((text) => text))(model)],
    [`${name}/door.events.mjs`, events],
  ]);
  const folder = projectOf({ 'package.json': '{ "type": "module" }', ...Object.fromEntries(files) }, [
    'xstate',
    'vitest',
    'fast-check',
  ]);
  const installed = join(folder, 'node_modules/raftchart');
  mkdirSync(installed);
  const subpaths = { './model-test': './model-test.mjs' };
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'raftchart', exports: subpaths }));
  const entry = join(packageRoot(), 'src/entry/model-test.ts');
  writeFileSync(join(installed, 'model-test.mjs'), `export * from ${JSON.stringify(entry)};\n`);
  return folder;
};

export const wornDoor = (text: string): string => text.replace('tries >= 2', 'tries >= 3');
