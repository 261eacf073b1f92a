/**
 * A diagram of one's own machine, as Mermaid, and as SVG into a file where one is named; the SVG needs elkjs.
 * Run it: `node examples/draw-machine.ts [file.svg]`
 */
import { writeFileSync } from 'node:fs';
import { layoutView, noLinks, toMermaid, toSvg, walk } from 'raftchart/statechart';
import { setup } from 'xstate';

const door = setup({
  guards: { isLocked: () => false },
}).createMachine({
  id: 'door',
  initial: 'closed',
  states: {
    closed: {
      on: {
        OPEN: [
          { guard: 'isLocked', description: 'A locked door stays closed.' },
          { target: 'open', description: 'It opens.' },
        ],
      },
    },
    open: { after: { 5000: { target: 'closed', description: 'It closes by itself.' } } },
  },
});

const chart = walk(door);
console.log(toMermaid(chart, { kind: 'overview' }));
const [file] = process.argv.slice(2);
if (file !== undefined) {
  writeFileSync(file, toSvg(await layoutView(chart, { kind: 'overview' }, noLinks), 'light'));
}
