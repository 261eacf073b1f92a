import { type AnyStateMachine, createActor, type EventObject } from 'xstate';
import { toScxml } from '../../../src/statechart/export/scxml.ts';
import { scxmlEventName, scxmlId } from '../../../src/statechart/export/scxml-names.ts';
import { VirtualClock } from '../../../src/statechart/model-test/virtual-clock.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { parseXml, type XmlElement } from '../draw/xml-tree.ts';
import { runScxml, type ScxmlSession } from './scxml-session.ts';
import { hostOf } from './xstate-host.ts';

/** An event, or milliseconds that pass. */
export type Input = EventObject | number;

/** What both are compared by. */
interface Seen {
  readonly states: readonly string[];
  readonly context: unknown;
}

export const documentOf = (machine: AnyStateMachine): XmlElement => parseXml(toScxml(walk(machine)));

/** A machine in XState and its document in SCION, each in a virtual time of its own. */
export class Pair {
  readonly #clock = new VirtualClock();
  readonly #actor;
  readonly #session: ScxmlSession;
  #states: readonly string[];

  constructor(machine: AnyStateMachine, document: XmlElement, input?: unknown) {
    this.#actor = createActor(machine, { id: machine.id, input, clock: this.#clock, logger: () => {} });
    this.#actor.subscribe({ error: () => {} });
    this.#actor.start();
    this.#session = runScxml(document, hostOf(machine, input));
    this.#states = this.hasFailed ? [] : this.#session.start();
  }

  take(input: Input): void {
    if (typeof input === 'number') {
      this.#clock.advance(input);
      if (!this.hasFailed) this.#states = this.#session.advance(input);
      return;
    }
    this.#actor.send(input);
    if (!this.hasFailed) this.#states = this.#session.send(scxmlEventName(input.type), input);
  }

  /** XState gave up, as in an endless loop, which SCION would not leave. */
  get hasFailed(): boolean {
    return this.#actor.getSnapshot().status === 'error';
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }

  get inXState(): Seen {
    const { _nodes, context } = this.#actor.getSnapshot() as unknown as {
      readonly _nodes: readonly { readonly id: string; readonly type: string; readonly parent?: object }[];
      readonly context: unknown;
    };
    const ended = this.isDone
      ? _nodes.filter((node) => node.type === 'parallel' && node.parent === undefined)
      : [];
    const leaves =
      ended.length > 0 ? ended : _nodes.filter(({ type }) => type === 'atomic' || type === 'final');
    return { states: leaves.map(({ id }) => scxmlId(id)).toSorted(), context };
  }

  get inScxml(): Seen {
    return { states: this.#states, context: this.#session.context };
  }
}
