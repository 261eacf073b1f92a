import { LaterFormat, type SnapshotPieces, type StateMachine } from '../../ports/state-machine.ts';
import type { LogIndex, Term } from '../../raft/types.ts';
import { digestOf } from './digest.ts';
import { decodeEnvelope, isEnvelope, laterKindIn } from './envelope.ts';
import { defaultSessionLimits, type SessionLimits } from './limits.ts';
import { restoreSnapshot, takeSnapshot } from './session-snapshot.ts';
import { type Refusal, SessionTable } from './session-table.ts';

/** Results as bytes, as a repeated command is answered from them. `decode` gets what `encode` returned, on any node. */
export interface ResultCodec<Result> {
  encode(result: Result): Uint8Array;
  decode(bytes: Uint8Array): Result;
  /** The part of a command by which a repeated one is known to be the same, such as all but the time. The same on every node. Default: all of it. */
  readonly comparedPart?: (command: Uint8Array) => Uint8Array;
}

/** What became of a command. */
export type SessionResult<Result> =
  /** Applied, now. */
  | { readonly type: 'applied'; readonly result: Result }
  /** Applied earlier, at `index` in `term`, with this result; and not again. */
  | { readonly type: 'repeated'; readonly result: Result; readonly index: LogIndex; readonly term: Term }
  /** It claims to be in an envelope and is not: not applied. */
  | { readonly type: 'malformedEnvelope' }
  | Refusal;

/**
 * Any state machine, made to apply a command once however often it is proposed. A command in an envelope (`encodeEnvelope`) has a
 * key: the first one of a key is applied, another one gets the answer to the first. A command without an envelope is applied as it is.
 */
export class SessionStateMachine<Result> implements StateMachine<SessionResult<Result>> {
  readonly #stateMachine: StateMachine<Result>;
  readonly #results: ResultCodec<Result>;
  readonly table: SessionTable;
  /** Of the table and of the state machine together; only if that one has snapshots. */
  readonly snapshot?: () => SnapshotPieces;
  readonly restore?: (pieces: AsyncIterable<Uint8Array>) => Promise<void>;

  /** `limits` must be the same on every node of the cluster, for as long as its log is. */
  constructor(
    stateMachine: StateMachine<Result>,
    results: ResultCodec<Result>,
    limits: SessionLimits = defaultSessionLimits,
  ) {
    this.#stateMachine = stateMachine;
    this.#results = results;
    this.table = new SessionTable(limits);
    const { snapshot, restore } = stateMachine;
    if (snapshot === undefined || restore === undefined) return;
    this.snapshot = () => takeSnapshot(this.table, snapshot.call(stateMachine));
    this.restore = (pieces) =>
      restoreSnapshot(this.table, pieces, (rest) => restore.call(stateMachine, rest));
  }

  apply(
    command: Uint8Array,
    position: { readonly index: LogIndex; readonly term: Term },
  ): SessionResult<Result> {
    if (!isEnvelope(command)) {
      return { type: 'applied', result: this.#stateMachine.apply(command, position) };
    }
    const envelope = decodeEnvelope(command);
    if (envelope === null) {
      const later = laterKindIn(command);
      if (later === null) return { type: 'malformedEnvelope' };
      throw new LaterFormat(
        `entry ${position.index} has an envelope of kind ${later}, which is not known here`,
      );
    }
    const { key, ageMs, stampMs } = envelope;
    const digest = digestOf(this.#results.comparedPart?.(envelope.command) ?? envelope.command);
    this.table.pass(stampMs);
    const judgement = this.table.judge(key, digest, ageMs);
    switch (judgement.type) {
      case 'new': {
        const result = this.#stateMachine.apply(envelope.command, { ...position, stampMs });
        this.table.remember(key, { digest, ...position, result: this.#results.encode(result) });
        return { type: 'applied', result };
      }
      case 'repeated': {
        const { index, term, result } = judgement.answer;
        return { type: 'repeated', index, term, result: this.#results.decode(result) };
      }
      default:
        return judgement;
    }
  }
}
