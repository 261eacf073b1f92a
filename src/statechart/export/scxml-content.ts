import type { ActionModel, OwnAction } from '../read/model.ts';
import type { Written } from '../read/written.ts';
import { callAt, callOf, expressionOf, isJson } from './scxml-calls.ts';
import { type ScxmlIndex, textOf, unsayable } from './scxml-index.ts';
import { contextVariable, scxmlEventName, scxmlId } from './scxml-names.ts';
import { asExpression, attribute, escapeXml, inOneLine, nameText, quoted } from './xml-text.ts';

/** Actions as executable content. */
export class ScxmlContent {
  readonly #index: ScxmlIndex;

  constructor(index: ScxmlIndex) {
    this.#index = index;
  }

  /** Actions in order; `place` is where they stand, such as `lamp.lit/entry`. */
  of(actions: readonly ActionModel[], place: string): readonly string[] {
    return actions.flatMap((action, at) => this.#lines(action, `${place}/${at}`));
  }

  #lines(action: ActionModel, place: string): readonly string[] {
    const own = this.#index.ownOf(action);
    const params = action.params === null ? null : expressionOf(action.params, `${place}/params`);
    const isNamed = action.own === null;
    const at: At = {
      main: isNamed ? callOf('actions', action.name, params) : callAt(place, params),
      place: isNamed ? `actions/${action.name}` : place,
      params,
    };
    switch (own?.kind) {
      case 'assign':
        return [
          inOneLine('assign', [
            attribute('location', contextVariable),
            attribute('expr', isNamed ? at.main : assigned(own, at)),
          ]),
        ];
      case 'enqueueActions':
        return [inOneLine('assign', [attribute('location', contextVariable), attribute('expr', at.main)])];
      case 'raise':
        return [this.#send(own, own.parts.delay === undefined ? '#_internal' : null, at)];
      case 'sendTo':
        return [this.#send(own, this.#targetOf(own, at), at)];
      case 'cancel':
        return this.#cancel(own, at);
      case 'log':
        return [
          inOneLine('log', [
            attribute('label', textOf(own, 'label')),
            attribute('expr', own.parts.value === undefined ? at.main : valueOrMain(own.parts.value, at)),
          ]),
        ];
      case 'emit':
        return [
          script(`emit(${own.parts.event === undefined ? at.main : valueOrMain(own.parts.event, at)});`),
        ];
      default:
        return [script(`${at.main};`)];
    }
  }

  /** `target`: an expression where it is computed, null for this session. */
  #send(own: OwnAction, target: string | { readonly expression: string } | null, at: At): string {
    const event = own.parts.event!;
    const type = typeOf(event);
    const name = type === null ? null : scxmlEventName(type);
    const isBare = isJson(event) && Object.keys(JSON.parse(event.json) as object).length === 1;
    if (target === '#_internal' && isBare && name === type)
      return inOneLine('raise', [attribute('event', name)]);
    const made = valueOrMain(event, at);
    const id = textOf(own, 'id');
    const delay = own.parts.delay === undefined ? [] : this.#delay(own.parts.delay, at);
    return inOneLine(
      'send',
      [
        name === null ? attribute('eventexpr', `${made}.type`) : attribute('event', name),
        typeof target === 'object' && target !== null
          ? attribute('targetexpr', target.expression)
          : attribute('target', target),
        id === null || delay.length === 0 ? '' : attribute('id', this.#index.nextSendId(id)),
        ...delay,
      ],
      inOneLine('content', [attribute('expr', made)]),
    );
  }

  #targetOf(own: OwnAction, at: At): string | { readonly expression: string } {
    const to = textOf(own, 'to');
    if (to === null) return { expression: callAt(`${at.place}/to`, at.params) };
    if (to === '#_parent' || to === '#_internal') return to;
    const [first, ...others] = this.#index.actorsCalled(to, null);
    if (first === undefined) return `#_${scxmlId(to)}`;
    if (others.length === 0) return `#_${first.id}`;
    return {
      expression: others.reduce(
        (otherwise, { state, id }) => `In(${quoted(scxmlId(state))}) ? ${quoted(`#_${id}`)} : ${otherwise}`,
        quoted(`#_${first.id}`),
      ),
    };
  }

  #cancel(own: OwnAction, at: At): readonly string[] {
    const id = textOf(own, 'sendId');
    if (id === null) return [inOneLine('cancel', [attribute('sendidexpr', at.main)])];
    const sent = this.#index.sendIds(id);
    if (sent.length === 0) return [inOneLine('cancel', [attribute('sendidexpr', quoted(scxmlId(id)))])];
    return sent.map((each) => inOneLine('cancel', [attribute('sendid', each)]));
  }

  #delay(delay: Written, at: At): readonly string[] {
    const name = isJson(delay) ? (JSON.parse(delay.json) as unknown) : null;
    if (typeof name === 'string') return this.delayOf(name, at.place);
    return delayOf(delay, callAt(`${at.place}/delay`, at.params), at.place);
  }

  /** By its name, or in milliseconds. */
  delayOf(name: string, place: string): readonly string[] {
    const bound = this.#index.chart.bound.delays[name];
    if (bound === undefined && /^-?[\d.]+(e[+-]?\d+)?$/.test(name))
      return [attribute('delay', duration(Number(name)))];
    if (bound === undefined) return [attribute('delayexpr', inMilliseconds(callOf('delays', name)))];
    return [...delayOf(bound, callOf('delays', name), place), attribute('rule:delay', nameText(name))];
  }
}

/** Of an action: the call that does it, where its parts stand, and what it is given. */
interface At {
  readonly main: string;
  readonly place: string;
  readonly params: string | null;
}

/** The value of the one part that an action is about, or the function in its place. */
const valueOrMain = (written: Written, at: At): string =>
  isJson(written) ? asExpression(written.json) : at.main;

const assigned = (own: OwnAction, { main }: At): string => {
  const { assignment } = own.parts;
  return assignment !== undefined && isJson(assignment)
    ? `Object.assign({}, context, ${asExpression(assignment.json)})`
    : main;
};

const typeOf = (event: Written): string | null => {
  if (!isJson(event)) return null;
  const { type } = JSON.parse(event.json) as { readonly type?: unknown };
  return typeof type === 'string' ? type : null;
};

const delayOf = (delay: Written, call: string, place: string): readonly string[] => {
  if (delay.kind === 'function') return [attribute('delayexpr', inMilliseconds(call))];
  const milliseconds: unknown = delay.json === null ? null : JSON.parse(delay.json);
  if (typeof milliseconds !== 'number') throw unsayable(`a delay of ${delay.text}`, place);
  return [attribute('delay', duration(milliseconds))];
};

const inMilliseconds = (call: string): string => `${call} + 'ms'`;

/** A timer of XState that is late already fires at once. */
const duration = (milliseconds: number): string => {
  const text = String(Math.max(0, milliseconds));
  return `${
    /e/.test(text)
      ? Math.max(0, milliseconds)
          .toFixed(20)
          .replace(/\.?0+$/, '')
      : text
  }ms`;
};

const script = (code: string): string => `<script>${escapeXml(code)}</script>`;
