import type { ChartModel, StateModel, TransitionModel } from '../read/model.ts';
import { callAt, expressionOf, isJson } from './scxml-calls.ts';
import { ScxmlContent } from './scxml-content.ts';
import { descriptorText, ScxmlEvents } from './scxml-events.ts';
import { ScxmlGuards } from './scxml-guards.ts';
import { followsInitial, ScxmlIndex, transitionsInOrder, unsayable } from './scxml-index.ts';
import { contextVariable, scxmlId, tokensOf } from './scxml-names.ts';
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
      [...writer.datamodel(), ...writer.state(chart.root), ...writer.ends()],
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

/** The final state of the document that stands behind a final state of the root; the document ends there, as XState does. */
const endOf = (state: StateModel): string => `${scxmlId(state.id)}_xdone`;

class Writer {
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
    this.#refuseUnlikeDone(state);
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
        ...(state === this.#chart.root ? this.#waysOut() : []),
        ...transitionsInOrder(state).flatMap((transition) => this.#transition(transition)),
        ...state.states.flatMap((child) => this.state(child)),
      ],
    );
  }

  /** Behind the root: where the document ends. */
  ends(): readonly string[] {
    const { root } = this.#chart;
    return this.#endings().flatMap(({ end }) =>
      element(
        'final',
        [attribute('id', endOf(end))],
        root.output === null ? [] : this.#donedata(rootOutput(root, end)),
      ),
    );
  }

  /** When XState is done, and the state that the document is in at that time. */
  #endings(): readonly { readonly condition: string; readonly end: StateModel }[] {
    const { root } = this.#chart;
    const ends = root.type === 'compound' ? root.states.filter(({ type }) => type === 'final') : [root];
    if (root.type !== 'compound' && root.type !== 'parallel') return [];
    return ends.flatMap((end) => {
      const condition = this.#guards.isDone(end);
      return condition === null ? [] : [{ condition, end }];
    });
  }

  /** XState is done in the step that enters a final state of the root. These come first, and without an event, so nothing is taken between. */
  #waysOut(): readonly string[] {
    return this.#endings().map(({ condition, end }) =>
      inOneLine('transition', [attribute('cond', condition), attribute('target', endOf(end))]),
    );
  }

  #initial(state: StateModel, first: string): readonly string[] {
    this.#refuseSkippedInitial(state);
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
    this.#refuseHistory(state, parent);
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
    if (state.transitions.length > 0 || state.invokes.length > 0)
      throw unsayable('transitions or actors of a final state', state.id);
    const isRegion = state.parent !== null && this.#index.stateOf(state.parent).type === 'parallel';
    const output = state.parent === null ? rootOutput(state, state) : outputOf(state);
    const donedata = state.output === null ? [] : this.#donedata(output);
    const id = scxmlId(state.id);
    const inner = this.#entryAndExit(state);
    const isAnyEnd = ({ trigger }: TransitionModel): boolean => trigger === '*';
    if (isRegion && this.#index.states.some(({ transitions }) => transitions.some(isAnyEnd)))
      throw unsayable('a region that is a final state, whose end a wildcard takes', state.id);
    if (!isRegion) return element('final', [attribute('id', id), ...about(state)], [...inner, ...donedata]);
    const end = element('final', [attribute('id', `${id}_xfinal`)], donedata);
    const attributes = [attribute('id', id), attribute('initial', `${id}_xfinal`), ...about(state)];
    return element('state', attributes, [...inner, ...end]);
  }

  #donedata(output: string): readonly string[] {
    return element('donedata', [], [inOneLine('content', [attribute('expr', output)])]);
  }

  /** SCXML says of the state around a final state's own that it is done, never of one further out. */
  #refuseUnlikeDone({ id, type, states, transitions, parent }: StateModel): void {
    const waits = parent !== null && transitions.some(({ kind }) => kind === 'done');
    if (type === 'parallel' && waits && states.some((region) => region.type === 'parallel'))
      throw unsayable('the end of a state with regions one of which has regions itself', id);
  }

  /** XState does what the way into a region does only if the state around is entered by itself; SCXML also with another region. */
  #refuseSkippedInitial({ id, parent }: StateModel): void {
    if (parent === null) return;
    const around = this.#index.stateOf(parent);
    const isAimedInside = this.#index.states
      .flatMap(({ type, initial, transitions }) => [
        ...transitions.flatMap(({ targets }) => targets),
        ...(type === 'history' ? initial : []),
      ])
      .some((target) => this.#index.isBelow(target, around.id));
    if (around.type === 'parallel' && isAimedInside)
      throw unsayable(
        'actions on the way into a region while a transition leads to a state beside or inside it',
        id,
      );
  }

  /** What XState remembers it enters without the actions on the way into it, and so it does where a history leads at first. */
  #refuseHistory(state: StateModel, parent: StateModel): void {
    const skipped = (each: StateModel): boolean => each.type === 'compound' && each.initialActions.length > 0;
    const remembered = state.history === 'shallow' ? parent.states.filter(skipped) : [];
    const first = state.initial.map((id) => this.#index.stateOf(id)).filter(skipped);
    const [at] = [...remembered, ...first];
    if (at !== undefined)
      throw unsayable(
        `a history that leads into ${at.id}, which has actions on the way into its first state`,
        state.id,
      );
  }
}

const outputOf = (state: StateModel): string =>
  state.output === null ? 'undefined' : expressionOf(state.output, `${state.id}/output`);

/** A function that makes the output of the root is also given that of the final state. */
const rootOutput = (root: StateModel, end: StateModel): string =>
  root.output!.kind === 'function'
    ? callAt(`${root.id}/output`, end === root ? null : outputOf(end))
    : outputOf(root);

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
