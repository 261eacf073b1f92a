import type { ActionModel, GuardModel, OwnAction } from '../read/model.ts';
import type { Written } from '../read/written.ts';
import { actionPlaces, stringIn } from './actions.ts';
import type { Facts } from './facts.ts';

export type NameKind = 'guard' | 'action' | 'delay' | 'actor';

/** A name that the chart uses, and where. */
export interface Use {
  readonly kind: NameKind;
  readonly name: string;
  readonly state: string;
  readonly transition: string | null;
}

/** Every name that the chart uses, in document order. Those that a function names are not among them. */
export const usesIn = (facts: Facts): readonly Use[] => [
  ...facts.transitions.flatMap(({ id, source, asks, kind, trigger }) => [
    ...namesIn(asks).map((name): Use => ({ kind: 'guard', name, state: source, transition: id })),
    ...(kind === 'after' && Number.isNaN(Number(trigger))
      ? [{ kind: 'delay' as const, name: trigger, state: source, transition: id }]
      : []),
  ]),
  ...actionPlaces(facts).flatMap(({ action, state, transition }) =>
    usesOf(action).map((use) => ({ ...use, state, transition })),
  ),
  ...facts.states.flatMap(({ id, invokes }) =>
    invokes
      .filter(({ own }) => own === null)
      .map(({ source }): Use => ({ kind: 'actor', name: source, state: id, transition: null })),
  ),
];

/** The names of guards in a guard. */
export const namesIn = (guard: GuardModel | null): readonly string[] => {
  if (guard?.kind === 'named') return [guard.name];
  return guard !== null && 'guards' in guard ? guard.guards.flatMap(namesIn) : [];
};

type Named = Pick<Use, 'kind' | 'name'>;

const usesOf = ({ name, own }: ActionModel): readonly Named[] =>
  own === null ? [{ kind: 'action', name }] : namedIn(own);

/** Delays and actors that one of XState's own actions names. */
export const namedIn = ({ kind, parts }: OwnAction): readonly Named[] => {
  const delay = kind === 'raise' || kind === 'sendTo' ? stringIn(parts.delay) : null;
  const actor = kind === 'spawnChild' ? stringIn(parts.src) : null;
  return [
    ...(delay === null ? [] : [{ kind: 'delay' as const, name: delay }]),
    ...(actor === null ? [] : [{ kind: 'actor' as const, name: actor }]),
  ];
};

/** The sources of all functions of a chart: they may name anything. */
export const sourcesIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (isFunction(value)) return [value.text];
  return Object.values(value).flatMap(sourcesIn);
};

const isFunction = (value: object): value is Written =>
  'kind' in value && value.kind === 'function' && 'text' in value;
