import type { LogLine } from './process-cluster.ts';

/** Election Safety as the nodes' own logs tell it: at most one leader a term. Raft paper, Figure 3. */
export class LeadersByTerm {
  readonly #leaders = new Map<number, Set<number>>();

  observe(id: number, line: LogLine): void {
    if (line.role !== 'leader' || typeof line.term !== 'number') return;
    const ids = this.#leaders.get(line.term) ?? new Set();
    this.#leaders.set(line.term, ids.add(id));
  }

  get terms(): number {
    return this.#leaders.size;
  }

  get violations(): readonly string[] {
    return [...this.#leaders]
      .filter(([, ids]) => ids.size > 1)
      .map(([term, ids]) => `term ${term}: nodes ${[...ids].join(' and ')}`);
  }
}
