import type { ChartModel, StateModel, TransitionModel } from '../read/model.ts';
import { expressionOf, isJson } from './scxml-calls.ts';
import { ScxmlContent } from './scxml-content.ts';
import { donedataOf, ScxmlEnds } from './scxml-ends.ts';
import { descriptorText, ScxmlEvents } from './scxml-events.ts';
import { ScxmlGuards } from './scxml-guards.ts';
import { followsInitial, ScxmlIndex, transitionsInOrder } from './scxml-index.ts';
import { contextVariable, scxmlId, tokensOf } from './scxml-names.ts';
import {
  isRegion,
  refuseFinal,
  refuseHistory,
  refuseSkippedInitial,
  refuseUnlikeDone,
} from './scxml-refusals.ts';
import { scxmlTargets } from './scxml-targets.ts';
import { asExpression, attribute, element, inOneLine, nameText } from './xml-text.ts';

/**
 * The chart as SCXML 1.0 (W3C) with ECMAScript as its data model, whose interpreters take the same transitions. `context` is its one
 * variable; functions are called by name, and whoever runs the document provides them. Throws `NotSayable` for a chart
 * that SCXML has no words for. docs/formats.md, SCXML, has the whole mapping.
 * A document cannot have transitions itself, so the root is a state inside it. Names in the `rule` namespace carry what XState calls
 * things, descriptions and sources, as the standard allows.
 */
export const toScxml = (chart: ChartModel): string => {
  const writer = new Writer(chart);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...element(
      'scxml',
      [
        attribute('xmlns', scxmlNamespace),
        attribute('xmlns:rule', ruleNamespace),
        attribute('version', '1.0'),
        attribute('datamodel', 'ecmascript'),
        attribute('name', scxmlId(chart.id)),
        attribute('initial', scxmlId(chart.root.id)),
        attribute('rule:version', chart.version),
      ],
      [...writer.datamodel(), ...writer.state(chart.root), ...writer.ends.states()],
    ),
  ];
  return `${lines.join('\n')}\n`;
};

export const scxmlNamespace = 'http://www.w3.org/2005/07/scxml';
export const ruleNamespace = 'urn:raftchart:rule';
/** The `type` of an invoke whose `src` is an actor of XState. */
export const actorType = 'urn:raftchart:actor';

/** The name of the event of an expired timer. */
export const timerEventOf = ({ eventType }: Pick<TransitionModel, 'eventType'>): string =>
  tokensOf(eventType);

class Writer {
  readonly ends: ScxmlEnds;
  readonly #chart: ChartModel;
  readonly #index: ScxmlIndex;
  readonly #events: ScxmlEvents;
  readonly #guards: ScxmlGuards;
  readonly #content: ScxmlContent;

  constructor(chart: ChartModel) {
    this.#chart = chart;
    this.#index = new ScxmlIndex(chart);
    this.#events = new ScxmlEvents(this.#index);
    this.#guards = new ScxmlGuards(this.#index, this.#events);
    this.#content = new ScxmlContent(this.#index);
    this.ends = new ScxmlEnds(chart.root, this.#guards);
  }

  datamodel(): readonly string[] {
    const { context } = this.#chart;
    const made =
      context === null ? '{}' : isJson(context) ? asExpression(context.json) : "functions['context']()";
    return element(
      'datamodel',
      [],
      [inOneLine('data', [attribute('id', contextVariable), attribute('expr', made)])],
    );
  }

  state(state: StateModel): readonly string[] {
    if (state.type === 'history') return this.#history(state);
    if (state.type === 'final') return this.#final(state);
    const { initial, initialActions } = state;
    const isCompound = state.type === 'compound';
    refuseUnlikeDone(state);
    const first = initial.map(scxmlId).join(' ');
    return element(
      state.type === 'parallel' ? 'parallel' : 'state',
      [
        attribute('id', scxmlId(state.id)),
        attribute('initial', isCompound && initialActions.length === 0 ? first : null),
        ...about(state),
      ],
      [
        ...(isCompound && initialActions.length > 0 ? this.#initial(state, first) : []),
        ...this.#entryAndExit(state),
        ...state.invokes.map((_, at) => this.#invoke(state, at)),
        ...(state === this.#chart.root ? this.ends.waysOut() : []),
        ...transitionsInOrder(state).flatMap((transition) => this.#transition(transition)),
        ...state.states.flatMap((child) => this.state(child)),
      ],
    );
  }

  #initial(state: StateModel, first: string): readonly string[] {
    refuseSkippedInitial(this.#index, state);
    const content = this.#content.of(state.initialActions, `${state.id}/initial`);
    return element('initial', [], element('transition', [attribute('target', first)], content));
  }

  #entryAndExit(state: StateModel): readonly string[] {
    const timers = [
      ...new Map(
        state.transitions.filter(({ kind }) => kind === 'after').map((each) => [each.eventType, each]),
      ).values(),
    ];
    return [
      ...block('onentry', [
        ...this.#content.of(state.entry, `${state.id}/entry`),
        ...timers.map((timer) =>
          inOneLine('send', [
            attribute('event', timerEventOf(timer)),
            attribute('id', scxmlId(timer.eventType)),
            ...this.#content.delayOf(timer.trigger, timer.id),
          ]),
        ),
      ]),
      ...block('onexit', [
        ...this.#content.of(state.exit, `${state.id}/exit`),
        ...timers.map(({ eventType }) => inOneLine('cancel', [attribute('sendid', scxmlId(eventType))])),
      ]),
    ];
  }

  #invoke(state: StateModel, at: number): string {
    const invoke = state.invokes[at]!;
    const place = `${state.id}/invoke/${at}`;
    const input = invoke.input === null ? null : expressionOf(invoke.input, `${place}/input`);
    const id = this.#index.actorIdOf(state, invoke);
    return inOneLine(
      'invoke',
      [
        attribute('type', actorType),
        attribute('src', asUri(invoke.own === null ? invoke.source : place)),
        attribute('id', id),
        attribute('rule:id', id === invoke.id ? null : nameText(invoke.id)),
        attribute('rule:systemId', invoke.systemId === null ? null : nameText(invoke.systemId)),
      ],
      input === null ? '' : inOneLine('param', [attribute('name', 'input'), attribute('expr', input)]),
    );
  }

  #transition(transition: TransitionModel): readonly string[] {
    const { kind, eventType, actions, id } = transition;
    const event = this.#events.descriptorsOf(transition).map(descriptorText).join(' ');
    const { targets, isInternal } = scxmlTargets(this.#index, transition);
    return element(
      'transition',
      [
        attribute('event', event || null),
        attribute('cond', this.#guards.conditionOf(transition)),
        attribute('target', targets.length === 0 ? null : targets.map(scxmlId).join(' ')),
        attribute('type', isInternal ? 'internal' : null),
        attribute('rule:event', kind === 'event' && event !== eventType ? nameText(eventType) : null),
        ...aboutRule(transition),
      ],
      this.#content.of(actions, `${id}/actions`),
    );
  }

  #history(state: StateModel): readonly string[] {
    const parent = this.#index.stateOf(state.parent!);
    refuseHistory(this.#index, state, parent);
    const content = followsInitial(state, parent) ? parent.initialActions : [];
    return element(
      'history',
      [attribute('id', scxmlId(state.id)), attribute('type', state.history), ...about(state)],
      element(
        'transition',
        [attribute('target', state.initial.map(scxmlId).join(' '))],
        this.#content.of(content, `${parent.id}/initial`),
      ),
    );
  }

  /** A region that is final needs a state around it: a state with regions has no final ones. */
  #final(state: StateModel): readonly string[] {
    refuseFinal(this.#index, state);
    const donedata = donedataOf(state);
    const id = scxmlId(state.id);
    const inner = this.#entryAndExit(state);
    if (!isRegion(this.#index, state))
      return element('final', [attribute('id', id), ...about(state)], [...inner, ...donedata]);
    const end = element('final', [attribute('id', `${id}_xfinal`)], donedata);
    const attributes = [attribute('id', id), attribute('initial', `${id}_xfinal`), ...about(state)];
    return element('state', attributes, [...inner, ...end]);
  }
}

const block = (name: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : element(name, [], lines);

const about = (state: StateModel): readonly string[] => [
  attribute('rule:id', scxmlId(state.id) === state.id ? null : nameText(state.id)),
  attribute('rule:tags', state.tags.length === 0 ? null : JSON.stringify(state.tags)),
  ...aboutRule(state),
];

const aboutRule = ({
  rule,
  description,
  meta,
}: Pick<StateModel, 'rule' | 'description' | 'meta'>): readonly string[] => [
  attribute('rule:source', rule),
  attribute('rule:description', description),
  attribute('rule:meta', meta !== null && isJson(meta) ? asExpression(meta.json) : null),
];

/** Percent-encoded; half of a surrogate pair cannot be. */
const asUri = (name: string): string => encodeURIComponent(name.replace(/\p{Cs}/gu, '\ufffd'));
