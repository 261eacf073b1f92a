import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { optionalPackage } from '../missing-package.ts';
import type { Payload } from './payload.ts';
import { schemaSamples } from './schema-samples.ts';

/** Payloads of one type of event: a list, or what is worth sending in a certain state. */
export type Samples = readonly Payload[] | ((snapshot: AnyMachineSnapshot) => readonly Payload[]);

/** A generator of fast-check; of what it makes, nothing but its type is known here. */
export interface PayloadArbitrary {
  generate: unknown;
  shrink: unknown;
}

/** Where the payloads of one type of event come from. */
export interface EventSamples {
  readonly samples?: Samples;
  /** A generator of fast-check, of which some payloads are drawn where a list is needed. */
  readonly arbitrary?: PayloadArbitrary;
  /** JSON Schema of the payload, or a schema that can be turned into it by Standard JSON Schema. */
  readonly schema?: unknown;
}

/** By type of event. An empty list says that no such event comes from outside. */
export type EventMap = Readonly<Record<string, Samples | EventSamples>>;

/** What is known of the events of a machine. */
export interface SampleSource {
  /** Payloads to send in this state; null where nothing was given for the type. */
  payloadsOf(type: string, snapshot: AnyMachineSnapshot): readonly Payload[] | null;
  /** Types for which something was given. */
  readonly types: readonly string[];
  readonly arbitraries: ReadonlyMap<string, PayloadArbitrary>;
}

/** What is given for events cannot be used: one line. */
export class SamplesUnfit extends Error {
  override readonly name = 'SamplesUnfit';
}

/** How many payloads are drawn of an arbitrary. */
const drawn = 10;

/** Reads what is given by `events`, and by the schemas that a machine holds. Rejects with `SamplesUnfit`, and with `PackageMissing` for arbitraries without fast-check. */
export const sampleSource = async (
  machine: Pick<AnyStateMachine, 'schemas'>,
  events: EventMap = {},
  seed = 1,
): Promise<SampleSource> => {
  const known = new Map<string, Samples>();
  const arbitraries = new Map<string, PayloadArbitrary>();
  for (const [type, schema] of Object.entries(schemasIn(machine))) {
    const found = schemaSamples(schema);
    if (found !== null) known.set(type, found);
  }
  for (const [type, given] of Object.entries(events)) {
    const { samples, arbitrary, schema } = isSamples(given) ? { samples: given } : given;
    if (arbitrary !== undefined) arbitraries.set(type, arbitrary);
    if (samples !== undefined) known.set(type, checked(type, samples));
    else if (arbitrary !== undefined) known.set(type, await drawnOf(type, arbitrary, seed));
    else if (schema !== undefined) known.set(type, madeOf(type, schema));
  }
  return {
    types: [...known.keys()],
    arbitraries,
    payloadsOf: (type, snapshot) => {
      const samples = known.get(type);
      if (samples === undefined) return null;
      return typeof samples === 'function' ? listOf(type, samples(snapshot)) : samples;
    },
  };
};

const isSamples = (given: Samples | EventSamples): given is Samples =>
  Array.isArray(given) || typeof given === 'function';

const checked = (type: string, samples: Samples): Samples =>
  typeof samples === 'function' ? samples : listOf(type, samples);

const listOf = (type: string, samples: unknown): readonly Payload[] => {
  if (Array.isArray(samples) && samples.every((each) => typeof each === 'object' && each !== null))
    return samples;
  throw new SamplesUnfit(
    `the samples of ${type} are no list of objects: write [{ amount: 1 }, { amount: 2 }], or [{}] for an event without a payload`,
  );
};

const drawnOf = async (type: string, arbitrary: PayloadArbitrary, seed: number) => {
  const { sample } = await loadFastCheck(`drawing payloads of ${type}`);
  return listOf(type, sample(arbitrary as never, { seed, numRuns: drawn }));
};

/** fast-check, which whoever uses arbitraries or random walks has. Rejects with `PackageMissing`. */
export const loadFastCheck = (purpose: string): Promise<typeof import('fast-check')> =>
  optionalPackage('fast-check', purpose, () => import('fast-check'));

const madeOf = (type: string, schema: unknown): readonly Payload[] => {
  const found = schemaSamples(schema);
  if (found !== null) return found;
  throw new SamplesUnfit(
    `no payloads can be made from the schema of ${type}: give JSON Schema, a schema with Standard JSON Schema, or samples`,
  );
};

/** `setup({ schemas: { events: { TYPE: schema } } })`. */
const schemasIn = ({ schemas }: Pick<AnyStateMachine, 'schemas'>): Readonly<Record<string, unknown>> => {
  const { events } = (schemas ?? {}) as { readonly events?: unknown };
  return typeof events === 'object' && events !== null ? (events as Readonly<Record<string, unknown>>) : {};
};
