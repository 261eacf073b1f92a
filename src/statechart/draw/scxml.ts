import type { ActionModel, ChartModel, StateModel, TransitionModel } from '../read/model.ts';
import { stateOf, statesBelow } from '../read/model.ts';
import { escapeXml } from './svg.ts';

/**
 * The chart as SCXML 1.0 (W3C), whose interpreters take the same transitions. The data model is ECMAScript: a guard is the call of a
 * function of that name with the event, an action a script that calls one, a delay a function that returns milliseconds; whoever runs
 * it provides them, and finds the event in XState's form in `_event.data`. An action that raises a computed event is a `send` to the
 * internal queue of what the function of its name returns.
 * A document cannot have transitions itself, so the root is a state inside it. Names in the `rule` namespace carry descriptions and
 * sources, as the standard allows.
 */
export const toScxml = (chart: ChartModel): string => {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<scxml xmlns="${scxmlNamespace}" xmlns:rule="${ruleNamespace}" version="1.0" datamodel="ecmascript" name="${escapeXml(chart.id)}" initial="${escapeXml(chart.root.id)}">`,
    ...stateLines(chart, chart.root).map((line) => `  ${line}`),
    '</scxml>',
  ];
  return `${lines.join('\n')}\n`;
};

export const scxmlNamespace = 'http://www.w3.org/2005/07/scxml';
export const ruleNamespace = 'urn:raftchart:rule';

/** The event of an expired timer. No dots: SCXML would take them for a hierarchy of events. */
export const timerEventOf = ({ source, trigger }: Pick<TransitionModel, 'source' | 'trigger'>): string =>
  `after_${trigger}_${source}`.replace(/\./g, '_');

const stateLines = (chart: ChartModel, state: StateModel): readonly string[] => {
  const timers = [
    ...new Map(
      state.transitions
        .filter(({ kind }) => kind === 'after')
        .map((each) => [timerEventOf(each), each.trigger]),
    ),
  ];
  const inner = [
    ...block('onentry', [
      ...state.entry.map(actionLine),
      ...timers.map(([event, delay]) =>
        /^\d+$/.test(delay)
          ? `<send event="${escapeXml(event)}" id="${escapeXml(event)}" delay="${delay}ms"/>`
          : `<send event="${escapeXml(event)}" id="${escapeXml(event)}" delayexpr="${escapeXml(`${delay}() + 'ms'`)}"/>`,
      ),
    ]),
    ...block('onexit', [
      ...timers.map(([event]) => `<cancel sendid="${escapeXml(event)}"/>`),
      ...state.exit.map(actionLine),
    ]),
    ...state.invokes.map(({ id, source }) => `<invoke id="${escapeXml(id)}" src="${escapeXml(source)}"/>`),
    ...state.transitions.flatMap((transition) => transitionLines(chart, transition)),
    ...state.states.flatMap((child) => stateLines(chart, child)),
  ];
  const name = elementOf(state);
  const initial = state.type === 'compound' ? ` initial="${state.initial.map(escapeXml).join(' ')}"` : '';
  const history = state.type === 'history' ? ` type="${state.history}"` : '';
  const open = `<${name} id="${escapeXml(state.id)}"${initial}${history}${about(state)}`;
  if (state.type === 'history') {
    return [`${open}>`, `  <transition target="${state.initial.map(escapeXml).join(' ')}"/>`, `</${name}>`];
  }
  return inner.length === 0 ? [`${open}/>`] : [`${open}>`, ...inner.map((line) => `  ${line}`), `</${name}>`];
};

const elementOf = (state: StateModel): string => {
  if (state.type === 'parallel' || state.type === 'final' || state.type === 'history') return state.type;
  return 'state';
};

const transitionLines = (chart: ChartModel, transition: TransitionModel): readonly string[] => {
  const { targets, guard, actions } = transition;
  const event = eventOf(transition);
  const attributes = [
    event === null ? '' : ` event="${escapeXml(event)}"`,
    guard === null ? '' : ` cond="${escapeXml(callOf(guard))}"`,
    targets.length === 0 ? '' : ` target="${targets.map(escapeXml).join(' ')}"`,
    isInternal(chart, transition) ? ' type="internal"' : '',
    about(transition),
  ];
  const open = `<transition${attributes.join('')}`;
  if (actions.length === 0) return [`${open}/>`];
  return [`${open}>`, ...actions.map((action) => `  ${actionLine(action)}`), '</transition>'];
};

/** XState leaves a compound source where it is unless told to re-enter; SCXML must be told. */
const isInternal = (chart: ChartModel, { source, targets, reenter }: TransitionModel): boolean =>
  !reenter &&
  targets.length > 0 &&
  stateOf(chart, source).type === 'compound' &&
  stateOf(chart, source)
    .states.flatMap(statesBelow)
    .filter(({ id }) => targets.includes(id)).length === targets.length;

const eventOf = (transition: TransitionModel): string | null => {
  switch (transition.kind) {
    case 'always':
      return null;
    case 'event':
      return transition.trigger;
    case 'after':
      return timerEventOf(transition);
    case 'done':
      return `done.state.${transition.trigger}`;
    case 'invoke':
      return transition.trigger.startsWith('done.')
        ? `done.invoke.${transition.trigger.slice('done.'.length)}`
        : transition.trigger;
  }
};

const callOf = (name: string): string =>
  /^[\w$]+$/.test(name) ? `${name}(_event)` : `guard(${JSON.stringify(name)}, _event)`;

const actionLine = ({ name, raises }: ActionModel): string => {
  if (raises === null) {
    const call = /^[\w$]+$/.test(name) ? `${name}(_event);` : `action(${JSON.stringify(name)}, _event);`;
    return `<script>${escapeXml(call)}</script>`;
  }
  return raises === 'dynamic'
    ? `<send target="#_internal" eventexpr="${escapeXml(`${callOf(name)}.type`)}"><content expr="${escapeXml(callOf(name))}"/></send>`
    : `<raise event="${escapeXml(raises)}"/>`;
};

const about = ({ rule, description }: { rule: string | null; description: string | null }): string =>
  [
    rule === null ? '' : ` rule:source="${escapeXml(rule)}"`,
    description === null ? '' : ` rule:description="${escapeXml(description)}"`,
  ].join('');

const block = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`<${name}>`, ...lines.map((line) => `  ${line}`), `</${name}>`];
