import { createMachine } from 'xstate';

interface Level {
  initial?: string;
  states?: Record<string, Level>;
  on?: Record<string, string>;
}

const level = (depth: number): Level =>
  depth === 12
    ? { on: { surface: '#deepNesting.top' } }
    : {
        initial: `level${depth + 1}`,
        on: { [`dive${depth}`]: `.level${depth + 1}` },
        states: { [`level${depth + 1}`]: level(depth + 1) },
      };

/** Twelve states inside each other. */
export const machine = createMachine({
  id: 'deepNesting',
  initial: 'top',
  states: { top: { on: { dive: 'level1' } }, level1: level(1) },
});
