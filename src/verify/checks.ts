import { firstConfiguration } from '../raft/configuration.ts';
import { emptyLog } from '../raft/log-shape.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import type { Violation } from '../trace/violation.ts';
import { downView } from './node-view.ts';
import { checkStep, nextView } from './properties/check-step.ts';
import { committedAt, emptyHistory } from './properties/history.ts';
import { type ClusterView, nodeOf, violation } from './properties/property.ts';
import type { NodeView, Step } from './properties/view.ts';

interface AppliedEntry {
  readonly term: Term;
  readonly payload: Uint8Array;
  readonly by: NodeId;
}

/** Checks every step of a run against the safety properties, and payloads and acknowledgements against each other. */
export class Checks {
  #view: ClusterView;
  #violation: Violation | null = null;
  /** By index − 1: the command that was applied there first. */
  readonly #applied: (AppliedEntry | undefined)[] = [];
  #lastAcknowledged: LogIndex = 0;
  #steps = 0;

  /** `nodes` are all of them, ascending, and `voters` those that the cluster starts with. */
  constructor(nodes: readonly NodeId[], voters: readonly NodeId[] = nodes) {
    this.#view = { nodes: nodes.map((id) => unborn(id, voters)), history: emptyHistory };
  }

  /** The first one found. */
  get violation(): Violation | null {
    return this.#violation;
  }

  get view(): ClusterView {
    return this.#view;
  }

  /** How many steps were checked. */
  get steps(): number {
    return this.#steps;
  }

  /** The highest index reported to a client. */
  get lastAcknowledged(): LogIndex {
    return this.#lastAcknowledged;
  }

  /** `step` happened, and left its node as `node`. */
  take(step: Step, node: NodeView): void {
    const before = this.#view;
    this.#view = nextView(before, step, node);
    this.#check(before, step);
  }

  /** `step` happened, and changed nothing visible. */
  note(step: Step): void {
    this.#check(this.#view, step);
  }

  /** The state machine of `node` is about to apply `payload`. */
  apply(node: NodeId, payload: Uint8Array, index: LogIndex, term: Term): void {
    this.note({ type: 'applied', node, index, term });
    const known = this.#applied[index - 1];
    if (known === undefined) {
      this.#applied[index - 1] = { term, payload, by: node };
      return;
    }
    if (known.term === term && isSameBytes(known.payload, payload)) return;
    this.report(
      violation(
        'Payloads Equal',
        `node${known.by} applied ${hex(known.payload)} of term ${known.term} at ${index}`,
        `node${node} applies ${hex(payload)} of term ${term} there`,
      ),
    );
  }

  /** `node` told a client that `command` is applied at `index`. */
  acknowledge(node: NodeId, command: Uint8Array, index: LogIndex, term: Term): void {
    this.#lastAcknowledged = Math.max(this.#lastAcknowledged, index);
    const known = this.#applied[index - 1];
    if (known !== undefined && known.term === term && isSameBytes(known.payload, command)) return;
    const held =
      known === undefined
        ? 'nothing was applied there'
        : `${hex(known.payload)} of term ${known.term} was applied there`;
    this.report(
      violation(
        'Acknowledged Is Kept',
        `node${node} acknowledged ${hex(command)} of term ${term} at ${index}`,
        held,
      ),
    );
  }

  /** `node` told a client that its command, once accepted at `index` in `term`, will never be applied. */
  overwritten(node: NodeId, index: LogIndex, term: Term): void {
    const committed = committedAt(this.#view.history, index);
    if (committed !== undefined && committed.term !== term) return;
    const fact = `node${node} told a client that entry ${index} of term ${term} will never be applied`;
    const held = committed === undefined ? `nothing is committed there yet` : `that entry is committed`;
    this.report(violation('Overwritten Is Certain', fact, held));
  }

  /** A client asked `node` for the read `id`, which is unique. */
  askRead(node: NodeId, id: number): void {
    this.take({ type: 'readAsked', node, id }, this.nodeOf(node));
  }

  /** `node` is about to answer the read, which was confirmed at `index`, from its state machine. */
  answerRead(node: NodeId, id: number, index: LogIndex): void {
    this.take({ type: 'readAnswered', node, id, index }, this.nodeOf(node));
  }

  report(found: Violation): void {
    this.#violation ??= found;
  }

  nodeOf(id: NodeId): NodeView {
    return nodeOf(this.#view, id);
  }

  #check(before: ClusterView, step: Step): void {
    this.#steps++;
    this.#violation ??= checkStep(before, step, this.#view);
  }
}

const unborn = (id: NodeId, voters: readonly NodeId[]): NodeView => ({
  ...downView(id, { currentTerm: 0, votedFor: null, log: emptyLog }),
  configurations: [firstConfiguration(voters)],
});

const isSameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').slice(0, 64);
