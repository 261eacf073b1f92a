import { type LogShape, termAt } from '../../raft/log-shape.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { NodeView } from '../../verify/properties/view.ts';
import type { Simulation } from '../simulation.ts';
import { StoryFailed } from './story-failed.ts';

/** A look at the nodes of a simulated cluster. It changes nothing. */
export class ClusterSight {
  readonly simulation: Simulation;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  get nowMs(): number {
    return this.simulation.nowMs;
  }

  all(): readonly NodeView[] {
    return this.simulation.checks.view.nodes;
  }

  node(id: NodeId): NodeView {
    return this.simulation.checks.nodeOf(id);
  }

  /** The leader of the latest term. */
  leader(): NodeView {
    const leader = this.leaders().at(-1);
    if (leader === undefined) throw new StoryFailed('expected: a leader; there is none');
    return leader;
  }

  isLeader(id: NodeId): boolean {
    const { isUp, role } = this.node(id);
    return isUp && role === 'leader';
  }

  followers(): readonly NodeId[] {
    return this.others(this.leader().id);
  }

  /** The term of each entry of a log, from index 1 on. */
  terms(id: NodeId): readonly Term[] {
    return this.termsIn(this.node(id).log);
  }

  /** The same; 0 for an entry that only a snapshot stands for. */
  termsIn(log: LogShape): readonly Term[] {
    return Array.from({ length: log.lastIndex }, (_, at) => termAt(log, at + 1));
  }

  hasLog(id: NodeId, terms: readonly Term[]): boolean {
    return this.terms(id).join(' ') === terms.join(' ');
  }

  /** Whether a disk holds an entry of `term` at `index`. */
  isDurable(id: NodeId, index: LogIndex, term: Term): boolean {
    return termAt(this.node(id).durable.log, index) === term;
  }

  /** All nodes that believe they lead, the latest term last. */
  leaders(): readonly NodeView[] {
    return this.all()
      .filter(({ id }) => this.isLeader(id))
      .sort((a, b) => a.currentTerm - b.currentTerm);
  }

  /** Whether there is a leader that a majority follows, and everything is committed. */
  isLed(): boolean {
    const leader = this.leaders().at(-1);
    if (leader === undefined) return false;
    const followers = this.all().filter(
      ({ isUp, currentTerm }) => isUp && currentTerm === leader.currentTerm,
    );
    return followers.length * 2 > this.all().length && leader.commitIndex === leader.log.lastIndex;
  }

  /** Whether all nodes run and hold the same, applied. */
  areEqual(): boolean {
    const leader = this.leaders().at(-1);
    return (
      leader !== undefined &&
      this.all().every(
        (node) =>
          node.isUp &&
          node.lastApplied === leader.log.lastIndex &&
          isSameLog(this.terms(node.id), this.terms(leader.id)),
      )
    );
  }

  others(id: NodeId): readonly NodeId[] {
    return this.all()
      .map((node) => node.id)
      .filter((other) => other !== id);
  }
}

/** As far as both have their entries. */
const isSameLog = (some: readonly Term[], others: readonly Term[]): boolean =>
  some.length === others.length &&
  some.every((term, at) => term === others[at] || term === 0 || others[at] === 0);
