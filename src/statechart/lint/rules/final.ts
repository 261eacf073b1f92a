import type { StateModel } from '../../read/model.ts';
import type { Rule } from '../finding.ts';

export const finalWithTransitions: Rule = {
  name: 'final-with-transitions',
  severity: 'warning',
  description: 'A final state with transitions, actors or states of its own.',
  check: (facts) =>
    facts.states
      .filter(({ type }) => type === 'final')
      .flatMap((state) => {
        const parts = partsOf(state);
        if (parts.length === 0) return [];
        const outcome =
          state.parent === facts.chart.root.id
            ? 'the machine has stopped once it is there, so none of that happens'
            : 'XState still runs them, while whoever waits for the state around it is told that it is done';
        return [
          {
            state: state.id,
            message: `Final state ${facts.name(state.id)} has ${parts.join(' and ')}: ${outcome}. Move them to a state before it, or make it an ordinary state.`,
          },
        ];
      }),
};

const partsOf = ({ transitions, invokes, states }: StateModel): readonly string[] => [
  ...(transitions.length > 0 ? ['transitions'] : []),
  ...(invokes.length > 0 ? ['actors'] : []),
  ...(states.length > 0 ? ['states inside'] : []),
];

export const duplicateId: Rule = {
  name: 'duplicate-id',
  severity: 'error',
  description: 'Two states with the same id, of which a target finds only the last.',
  check: (facts) =>
    [...Map.groupBy(facts.states, ({ id }) => id).values()]
      .filter(({ length }) => length > 1)
      .map(([first, ...others]) => ({
        state: first!.id,
        message: `The id ${first!.id} is given to ${[first!, ...others].map(({ path }) => path.join('.') || 'the root').join(' and ')}: #${first!.id} leads to the last of them, and their timers and invokes are mixed up. Give each an id of its own.`,
      })),
};
