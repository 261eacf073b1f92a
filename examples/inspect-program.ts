/**
 * Traffic lights whose states, events and snapshots are seen live at http://127.0.0.1:8100 while `raftchart view --listen` runs there.
 * Run it: `node examples/inspect-program.ts [seconds] [address of the inspector]`
 */
import { createInspector } from 'raftchart/inspect';
import { createActor, sendTo, setup } from 'xstate';

const light = setup({
  delays: { green: 900, yellow: 300 },
}).createMachine({
  id: 'light',
  initial: 'red',
  states: {
    red: { on: { GO: 'green' } },
    green: { after: { green: 'yellow' } },
    yellow: { after: { yellow: 'red' } },
  },
});

const crossing = setup({ actors: { light } }).createMachine({
  id: 'crossing',
  invoke: [
    { src: 'light', id: 'north' },
    { src: 'light', id: 'east' },
  ],
  initial: 'northGoes',
  states: {
    northGoes: { entry: sendTo('north', { type: 'GO' }), after: { 1500: 'eastGoes' } },
    eastGoes: { entry: sendTo('east', { type: 'GO' }), after: { 1500: 'northGoes' } },
  },
});

const [seconds = '60', url] = process.argv.slice(2);
const inspector = createInspector({ tell: console.log, ...(url === undefined ? {} : { url }) });
const actor = createActor(crossing, { inspect: inspector.inspect });
actor.start();
setTimeout(() => {
  actor.stop();
  // A connected inspector would keep the program alive.
  inspector.close();
}, Number(seconds) * 1000);
