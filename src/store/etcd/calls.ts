import {
  type handleUnaryCall,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Log } from '../../ports/log.ts';
import type { Permission } from '../http/access/tokens.ts';
import type { AnswerRoom } from './answer-room.ts';
import { type CallSpan, type EtcdTracing, spanning } from './call-span.ts';
import type { Caller, EtcdAccess } from './etcd-access.ts';
import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { EtcdStore } from './etcd-store.ts';
import { neededFor } from './permissions.ts';
import type { RequestRoom } from './request-room.ts';
import { refuseWithoutLeader, whileLed } from './require-leader.ts';
import { codeUnanswered } from './unanswered.ts';

/** What answers one request with one message, or throws an `EtcdError`. */
export type Answering = (request: never) => unknown;

type Method = Pick<MethodDefinition<unknown, unknown>, 'path'>;
type StreamCall = ServerDuplexStream<unknown, unknown> | ServerWritableStream<unknown, unknown>;

export interface CallsParts {
  readonly access: EtcdAccess;
  readonly room: RequestRoom;
  readonly answers: AnswerRoom;
  /** Null until a node is served. */
  readonly store: () => EtcdStore | null;
  readonly tracing: EtcdTracing | null;
  readonly log: Log;
}

/** Serves calls: lets in who may, counts what is under way, and turns what is thrown into what clients of etcd know. */
export class Calls {
  readonly #parts: CallsParts;
  /** What ends each stream that is open. */
  readonly #streams = new Set<(error: EtcdError) => void>();

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  /** Serves a method with one answer. */
  unary({ path }: Method, answer: Answering): handleUnaryCall<unknown, unknown> {
    const needed = neededFor(path);
    return async (call, callback: sendUnaryData<unknown>) => {
      const { room, answers, tracing } = this.#parts;
      let span: CallSpan | null = null;
      let response: unknown;
      try {
        this.#admit(needed, call);
        // What needs no token tells how the node is doing, and is asked for all the time.
        if (needed !== null) span = tracing?.beginCall(path, call.metadata.get('traceparent')[0]) ?? null;
        // Gone once the answer has been sent, or the client has left.
        const leave = room.enter(call.request as object);
        const gone = (): void => {
          leave();
          if (codeUnanswered(call) === status.CANCELLED) span?.left();
          else span?.answered(status[status.DEADLINE_EXCEEDED]);
          span = null;
        };
        if (call.cancelled) gone();
        else call.once('cancelled', gone);
        response = await spanning(span, () => answer(call.request as never));
      } catch (error) {
        const failure = this.#statusOf(error);
        span?.answered(status[failure.code]!);
        span = null;
        callback(failure);
        return;
      }
      if (call.cancelled) return;
      span?.answered(status[status.OK]);
      span = null;
      call.once('cancelled', answers.hold(response as object));
      callback(null, response);
    };
  }

  /** Serves a method with a stream of answers: until `serve` resolves, its token is revoked, or `endStreams` is called. */
  stream<Call extends StreamCall>({ path }: Method, serve: (call: Call) => Promise<void>) {
    const needed = neededFor(path);
    return async (call: Call): Promise<void> => {
      const { access, store } = this.#parts;
      // Events of a call that its client has left.
      call.on('error', () => {});
      const cut = (error: unknown): void => {
        if (!call.destroyed && !call.writableEnded) call.emit('error', this.#statusOf(error));
      };
      try {
        this.#admit(needed, call);
      } catch (error) {
        cut(error);
        return;
      }
      this.#streams.add(cut);
      const release = access.whileAllowed(call, needed, cut);
      const served = store();
      const unguard = served === null ? () => {} : whileLed(call, served, cut);
      try {
        await serve(call);
        if (!call.writableEnded) call.end();
      } catch (error) {
        cut(error);
      } finally {
        this.#streams.delete(cut);
        release();
        unguard();
      }
    };
  }

  /** Streams do not end by themselves. */
  endStreams(): void {
    for (const cut of this.#streams) cut(etcdErrors.stopped());
  }

  #admit(needed: Permission | null, caller: Caller): void {
    const { access, store } = this.#parts;
    access.admit(caller, needed);
    const served = store();
    // Whether it is well can be asked of a node at any time.
    if (served !== null && needed !== null) refuseWithoutLeader(caller, served);
  }

  /** What a client is told. What is no `EtcdError` is a fault of this program, and is logged. */
  #statusOf(error: unknown): EtcdError {
    if (error instanceof EtcdError) return error;
    const { message, stack } = error as Error;
    this.#parts.log.error({ error: message, stack }, 'a request to the etcd API failed');
    return new EtcdError('internal', `this node failed: ${message}`);
  }
}
