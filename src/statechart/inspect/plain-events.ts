import type { AnyActorRef, InspectionEvent } from 'xstate';
import { configOf, parentOf } from '../read/xstate-internals.ts';

/** What `@statelyai/inspect` reads of an actor, and nothing else. */
interface ActorFace {
  readonly id: string;
  readonly sessionId: string;
  readonly _parent: { readonly sessionId: string } | undefined;
  readonly logic: { readonly config: unknown };
  readonly getSnapshot: () => unknown;
}

/** Lists longer than this are cut: nobody reads them in an inspector. */
const maxItems = 40;

/** Copies inspection events into plain data that no longer touches the actors: names made unique, payloads by their size. */
export class PlainEvents {
  readonly #name: string;
  readonly #maxDepth: number;

  constructor(name: string, maxDepth: number) {
    this.#name = name;
    this.#maxDepth = maxDepth;
  }

  of(event: InspectionEvent): InspectionEvent {
    const { type, rootId } = event;
    const common = { type, rootId: this.#id(rootId), actorRef: this.#face(event.actorRef, type) };
    switch (event.type) {
      case '@xstate.event': {
        const source = event.sourceRef?.sessionId;
        const sourceRef = source === undefined ? undefined : { sessionId: this.#id(source) };
        return { ...common, event: this.#copy(event.event), sourceRef } as unknown as InspectionEvent;
      }
      case '@xstate.snapshot':
        return {
          ...common,
          event: this.#copy(event.event),
          snapshot: this.#snapshot(event.snapshot),
        } as unknown as InspectionEvent;
      default:
        return common as unknown as InspectionEvent;
    }
  }

  #id(sessionId: string): string {
    return `${this.#name}/${sessionId}`;
  }

  #face(actorRef: InspectionEvent['actorRef'], type: string): ActorFace {
    const { id } = actorRef as AnyActorRef;
    const parent = parentOf(actorRef as AnyActorRef);
    const isNew = type === '@xstate.actor';
    return {
      id: `${this.#name} ${id}`,
      sessionId: this.#id(actorRef.sessionId),
      _parent: parent === undefined ? undefined : { sessionId: this.#id(parent.sessionId) },
      logic: { config: isNew ? this.#copy(configOf(actorRef as AnyActorRef) ?? { id }) : null },
      // Asked for later: an actor that is being created has no snapshot yet.
      getSnapshot: () => this.#snapshot(actorRef.getSnapshot()),
    };
  }

  #snapshot(snapshot: unknown): unknown {
    const { status, value, context, output, error } = (snapshot ?? {}) as Readonly<Record<string, unknown>>;
    return this.#copy({ status, value, context, output, error });
  }

  #copy(value: unknown, depth = 0): unknown {
    if (typeof value === 'function') return { type: `inline ${value.name}`.trim() };
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || value === null) return value;
    if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
    if (value instanceof Error) return value.message;
    if (depth >= this.#maxDepth) return '…';
    if (Array.isArray(value)) {
      const items = value.slice(0, maxItems).map((item) => this.#copy(item, depth + 1));
      return value.length > maxItems ? [...items, `… ${value.length - maxItems} more`] : items;
    }
    const { sessionId, transition, id } = value as Readonly<Record<string, unknown>>;
    // An actor is named; the logic of one, which the actor sends by itself, too.
    if (typeof sessionId === 'string') return this.#id(sessionId);
    if (typeof transition === 'function') return typeof id === 'string' ? id : 'actor';
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#copy(item, depth + 1)]));
  }
}
