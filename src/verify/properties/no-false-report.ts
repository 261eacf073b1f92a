import { type Property, violation } from './property.ts';

/** No disk here loses anything, and no node lies: a leader that says so of a follower is wrong. */
export const noFalseReport: Property = (_, step) =>
  step.type === 'reported'
    ? violation(
        'No False Report',
        `node${step.peer} is correct`,
        `node${step.node} reports it: ${step.problem.type}`,
      )
    : null;
