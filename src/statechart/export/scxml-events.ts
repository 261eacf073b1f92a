import { isWildcard } from '../read/event-match.ts';
import type { TransitionModel } from '../read/model.ts';
import { actorSnapshot, isOwnEvent } from '../read/xstate-internals.ts';
import { type ScxmlIndex, textOf, unsayable } from './scxml-index.ts';
import { scxmlEventName, scxmlId, tokensOf } from './scxml-names.ts';
import { quoted } from './xml-text.ts';

/** What a transition listens to: one name, or all names that start with it. */
export interface Descriptor {
  /** Empty for all names. */
  readonly name: string;
  readonly isPrefix: boolean;
}

/** The events of a chart by their names in its document. */
export class ScxmlEvents {
  readonly #index: ScxmlIndex;
  readonly #names = new Set<string>();
  readonly #prefixes = new Set<string>();

  constructor(index: ScxmlIndex) {
    this.#index = index;
    for (const state of index.states) {
      this.#names.add(`done.state.${scxmlId(state.id)}`);
      for (const transition of state.transitions) {
        for (const { name, isPrefix } of this.descriptorsOf(transition))
          (isPrefix ? this.#prefixes : this.#names).add(name);
      }
      for (const invoke of state.invokes) {
        const id = index.actorIdOf(state, invoke);
        for (const what of ['done.invoke', 'error.invoke', actorSnapshot]) this.#names.add(`${what}.${id}`);
      }
      for (const action of [
        ...state.entry,
        ...state.exit,
        ...state.transitions.flatMap(({ actions }) => actions),
      ]) {
        const own = index.ownOf(action);
        const type = own?.kind === 'raise' ? action.raises : own === null ? null : textOf(own, 'event');
        if (type !== null && type !== 'dynamic') this.#names.add(scxmlEventName(type));
      }
    }
  }

  /** Of an eventless transition none. */
  descriptorsOf(transition: TransitionModel): readonly Descriptor[] {
    const { kind, trigger, eventType, source } = transition;
    const isPrefix = isWildcard(eventType);
    const exact = (name: string): readonly Descriptor[] => [{ name, isPrefix: false }];
    switch (kind) {
      case 'always':
        return [];
      case 'after':
        return exact(tokensOf(eventType));
      case 'done':
        if (isPrefix && trigger !== '*') throw unsayable('a wildcard over the ids of states', transition.id);
        return isPrefix ? [{ name: 'done.state', isPrefix }] : exact(`done.state.${scxmlId(trigger)}`);
      case 'invoke': {
        const [, what, id] = /^(done|error|snapshot)\.(.*)$/s.exec(trigger)!;
        const event = what === 'snapshot' ? actorSnapshot : `${what}.invoke`;
        if (id === '*') return [{ name: event, isPrefix: true }];
        if (isPrefix) throw unsayable('a wildcard over the ids of actors', transition.id);
        const actors = this.#index.actorsCalled(id!, source);
        if (actors.length === 0) return exact(`${event}.${scxmlId(id!)}`);
        return actors.map((actor) => ({ name: `${event}.${actor.id}`, isPrefix: false }));
      }
      case 'event':
        if (!isPrefix) return exact(isOwnEvent(eventType) ? tokensOf(eventType) : scxmlEventName(eventType));
        if (eventType === '*') return [{ name: '', isPrefix }];
        if (isOwnEvent(eventType) || /^(done|error)\./.test(eventType))
          throw unsayable(
            `a wildcard over names that SCXML or XState have for themselves, ${eventType}`,
            transition.id,
          );
        return [{ name: scxmlEventName(eventType.slice(0, -2)), isPrefix }];
    }
  }

  /**
   * What `_event` must be for one of these, in terms of its name; null where SCXML says the same by itself. It takes `a` for `a.b` too,
   * which matters where the chart knows an event of such a name: one that it names, or that a wildcard of it matches.
   */
  exactness(descriptors: readonly Descriptor[]): string | null {
    if (!descriptors.some((each) => this.#takesLonger(each))) return null;
    return anyOf(descriptors.map(isNamed));
  }

  #takesLonger({ name, isPrefix }: Descriptor): boolean {
    if (isPrefix) return false;
    const isPlatform = isOwnEvent(name) || /^(done|error)\./.test(name);
    return (
      name === 'error' ||
      [...this.#names].some((other) => other.startsWith(`${name}.`)) ||
      (!isPlatform &&
        [...this.#prefixes].some((prefix) => startsWith(prefix, name) || startsWith(name, prefix)))
    );
  }
}

/** As `event` of a transition has it. */
export const descriptorText = ({ name, isPrefix }: Descriptor): string => {
  if (!isPrefix) return name;
  return name === '' ? '*' : `${name}.*`;
};

/** The event in words of ECMAScript. */
const isNamed = ({ name, isPrefix }: Descriptor): string => {
  if (name === '') return 'true';
  return isPrefix
    ? `(_event.name + '.').indexOf(${quoted(`${name}.`)}) === 0`
    : `_event.name === ${quoted(name)}`;
};

/** Of all events that the first takes, which the second takes: `true` for all, null for none. */
export const overlap = (first: readonly Descriptor[], second: readonly Descriptor[]): string | null => {
  const shared = second.filter((each) => first.some((other) => doOverlap(other, each)));
  if (shared.length === 0) return null;
  return first.every((each) => shared.some((other) => covers(other, each)))
    ? 'true'
    : anyOf(shared.map(isNamed));
};

const doOverlap = (one: Descriptor, other: Descriptor): boolean => covers(one, other) || covers(other, one);

/** True if the first takes each event that the second takes. */
const covers = (one: Descriptor, other: Descriptor): boolean =>
  one.isPrefix ? startsWith(other.name, one.name) : !other.isPrefix && one.name === other.name;

const startsWith = (name: string, prefix: string): boolean =>
  prefix === '' || name === prefix || name.startsWith(`${prefix}.`);

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? conditions[0]! : `(${conditions.join(' || ')})`;
