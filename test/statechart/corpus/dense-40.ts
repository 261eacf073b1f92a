import { denseMachine } from './dense-graph.ts';

export const machine = denseMachine(40);
