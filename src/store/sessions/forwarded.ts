import * as v from 'valibot';
import { packFrame, packInteger, unpackFrame } from '../../adapters/codec/msgpack.ts';
import { contextBytes } from '../../adapters/codec/trace-context.ts';
import type { Outcome } from '../../node/node.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { ResultCodec, SessionResult } from './session-state-machine.ts';
import type { Refusal } from './session-table.ts';

/** What became of one attempt to have a command applied. */
export type Attempted<Result> =
  /** At `index`, by this attempt or an earlier one. */
  | { readonly type: 'applied'; readonly index: LogIndex; readonly term: Term; readonly result: Result }
  | { readonly type: 'notLeader'; readonly leader: NodeId | null }
  /** `commandTooLarge`: the node that was asked takes none that is so large. */
  | { readonly type: (typeof plainTypes)[number] };

const plainTypes = [
  'overloaded',
  'overwritten',
  'unknownOutcome',
  'commandTooLarge',
  'keyReused',
  'answerForgotten',
  'sessionExpired',
  'sessionsFull',
] as const satisfies readonly (Refusal['type'] | Outcome<unknown>['type'] | 'commandTooLarge')[];

/** What two nodes' submitters say to each other. `tag` comes back in the answer. */
export type Forwarded<Result> =
  | { readonly type: 'request'; readonly tag: string; readonly envelope: Uint8Array }
  /** Of the request with that tag, which follows. Whoever does not know it ignores it. */
  | { readonly type: 'trace'; readonly tag: string; readonly context: Uint8Array }
  | { readonly type: 'answer'; readonly tag: string; readonly attempted: Attempted<Result> };

const REQUEST = 1;
const ANSWER = 2;
const TRACE = 3;

const tagItem = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const bytes = v.instance(Uint8Array);
const requestItems = v.strictTuple([v.literal(REQUEST), tagItem, bytes]);
const traceItems = v.strictTuple([v.literal(TRACE), tagItem, v.pipe(bytes, v.length(contextBytes))]);
const answerItems = v.union([
  v.strictTuple([v.literal(ANSWER), tagItem, v.literal('applied'), positive, positive, bytes]),
  v.strictTuple([v.literal(ANSWER), tagItem, v.literal('notLeader'), v.nullable(positive)]),
  v.strictTuple([v.literal(ANSWER), tagItem, v.picklist(plainTypes)]),
]);

export const attemptedOf = <Result>(outcome: Outcome<SessionResult<Result>>): Attempted<Result> => {
  if (outcome.type === 'notLeader') return outcome;
  if (outcome.type !== 'applied') return { type: outcome.type };
  const { index, term, result } = outcome;
  switch (result.type) {
    case 'applied':
      return { type: 'applied', index, term, result: result.result };
    case 'repeated':
      return { ...result, type: 'applied' };
    case 'malformedEnvelope':
      throw new Error(`an envelope encoded by this node was applied as malformed at index ${index}`);
    default:
      return { type: result.type };
  }
};

export const encodeForwarded = <Result>(
  message: Forwarded<Result>,
  results: ResultCodec<Result>,
): Uint8Array => {
  if (message.type === 'request') return packFrame([REQUEST, message.tag, message.envelope]);
  if (message.type === 'trace') return packFrame([TRACE, message.tag, message.context]);
  const { attempted } = message;
  const head = [ANSWER, message.tag, attempted.type];
  switch (attempted.type) {
    case 'applied': {
      const { index, term, result } = attempted;
      return packFrame([...head, packInteger(index), packInteger(term), results.encode(result)]);
    }
    case 'notLeader':
      return packFrame([...head, attempted.leader]);
    default:
      return packFrame(head);
  }
};

/** The message in `frame`, or null if it is none, or its result is none. */
export const decodeForwarded = <Result>(
  frame: Uint8Array,
  results: ResultCodec<Result>,
): Forwarded<Result> | null => {
  const items = unpackFrame(frame);
  if ('malformed' in items) return null;
  const request = v.safeParse(requestItems, items);
  if (request.success) {
    const [, tag, envelope] = request.output;
    return { type: 'request', tag, envelope };
  }
  const traced = v.safeParse(traceItems, items);
  if (traced.success) {
    const [, tag, context] = traced.output;
    return { type: 'trace', tag, context };
  }
  const answer = v.safeParse(answerItems, items);
  const attempted = answer.success ? attemptedIn(answer.output, results) : null;
  return attempted === null ? null : { type: 'answer', tag: items[1] as string, attempted };
};

const attemptedIn = <Result>(
  items: v.InferOutput<typeof answerItems>,
  results: ResultCodec<Result>,
): Attempted<Result> | null => {
  switch (items[2]) {
    case 'applied':
      try {
        return { type: items[2], index: items[3], term: items[4], result: results.decode(items[5]) };
      } catch {
        // What another node sends need not be what `encode` made.
        return null;
      }
    case 'notLeader':
      return { type: items[2], leader: items[3] };
    default:
      return { type: items[2] };
  }
};
