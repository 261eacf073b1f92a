import { isMatch } from '../../read/event-match.ts';
import { actionPlaces } from '../actions.ts';
import type { Rule } from '../finding.ts';

export const unnamedDelay: Rule = {
  name: 'unnamed-delay',
  severity: 'info',
  description:
    'A timer whose length is a number in the chart, which neither a test nor a deployment can change.',
  check: (facts) => [
    ...facts.transitions
      .filter(({ kind, trigger, branch }) => kind === 'after' && branch === 0 && isNumber(trigger))
      .map((each) => ({
        state: each.source,
        transition: each.id,
        message: `State ${facts.name(each.source)} waits ${each.trigger} ms, a bare number. Name the delay in setup({ delays }), so that the chart says what it is for and a test can shorten it.`,
      })),
    ...actionPlaces(facts).flatMap(({ action, state, transition }) => {
      const delay = action.own?.parts.delay;
      if (delay?.kind !== 'value' || !isNumber(delay.text)) return [];
      return [
        {
          state,
          ...(transition === null ? {} : { transition }),
          message: `State ${facts.name(state)} delays ${action.name} by ${delay.text} ms, a bare number. Name the delay in setup({ delays }), so that the chart says what it is for and a test can shorten it.`,
        },
      ];
    }),
  ],
};

/** The longest that setTimeout waits, in Node.js and in browsers. */
const maxDelayMs = 2 ** 31 - 1;

export const delayTooLong: Rule = {
  name: 'delay-too-long',
  severity: 'error',
  description: 'A timer longer than setTimeout can wait, which therefore fires at once.',
  check: (facts) => [
    ...facts.transitions
      .filter(({ kind, trigger, branch }) => kind === 'after' && branch === 0 && Number(trigger) > maxDelayMs)
      .map((each) => ({
        state: each.source,
        transition: each.id,
        message: `State ${facts.name(each.source)} waits ${each.trigger} ms, and setTimeout fires at once when asked for more than ${maxDelayMs} ms (24.8 days). Wait in shorter steps, or keep the deadline outside the machine.`,
      })),
    ...facts.transitions
      .filter(
        ({ kind, trigger, branch }) =>
          kind === 'after' && branch === 0 && isTooLong(facts.chart.bound.delays[trigger]),
      )
      .map((each) => ({
        state: each.source,
        transition: each.id,
        message: `State ${facts.name(each.source)} waits ${each.trigger}, which is bound to ${facts.chart.bound.delays[each.trigger]!.text} ms, and setTimeout fires at once when asked for more than ${maxDelayMs} ms (24.8 days). Wait in shorter steps, or keep the deadline outside the machine.`,
      })),
  ],
};

const isNumber = (trigger: string): boolean => trigger !== '' && !Number.isNaN(Number(trigger));

const isTooLong = (delay: { readonly kind: string; readonly text: string } | undefined): boolean =>
  delay?.kind === 'value' && Number(delay.text) > maxDelayMs;

export const lateTimer: Rule = {
  name: 'late-timer',
  severity: 'error',
  description: 'A timer that never fires, because a shorter one without a guard leaves the state before.',
  check: (facts) =>
    facts.states.flatMap((state) => {
      const timers = state.transitions.filter(({ kind, trigger }) => kind === 'after' && isNumber(trigger));
      const exits = timers.filter(
        (each) =>
          facts.chance(each, each.eventType) === true &&
          facts.leaves(each) &&
          // A wildcard of another region may come first.
          facts.descriptors.every((other) => other === each.eventType || !isMatch(other, each.eventType)),
      );
      return timers
        .filter(({ branch }) => branch === 0)
        .flatMap((each) => {
          const shorter = exits.find(({ trigger }) => Number(trigger) < Number(each.trigger));
          if (shorter === undefined) return [];
          return [
            {
              state: state.id,
              transition: each.id,
              message: `The timer of ${each.trigger} ms in ${facts.name(state.id)} never fires: the one of ${shorter.trigger} ms always leaves the state first. Remove it, or give the shorter one a guard.`,
            },
          ];
        });
    }),
};
