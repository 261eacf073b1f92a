/**
 * A simulation of one's own state machine, a counter, under every kind of fault: what was acknowledged must have been added.
 * Run it: `node examples/simulate-own.ts [seed]`
 */
import {
  type ClientOperation,
  calmPlan,
  generatePlan,
  runSimulation,
  type Service,
} from 'raftchart/simulate';

/** Each client adds; the answer is the sum so far. */
class CounterService implements Service<number> {
  /** The sum that each node has applied since it last started. */
  readonly sums = new Map<number, number>();
  begun = 0;
  acknowledged = 0;

  stateMachine(node: number) {
    this.sums.set(node, 0);
    return {
      apply: (command: Uint8Array): number => {
        const sum = this.sums.get(node)! + command[0]!;
        this.sums.set(node, sum);
        return sum;
      },
    };
  }

  client() {
    return { next: () => this.#add(1) };
  }

  /** Adds nothing, and must be acknowledged when all faults are over. */
  probe(): ClientOperation<number> {
    return this.#add(0);
  }

  #add(amount: number): ClientOperation<number> {
    this.begun += amount;
    return {
      command: Uint8Array.of(amount),
      call: null,
      completed: () => {
        this.acknowledged += amount;
        return { type: 'ok' };
      },
    };
  }
}

const seed = Number(process.argv[2] ?? 1);
const service = new CounterService();
const plan = generatePlan({ ...calmPlan, seed, nodes: 3, durationMs: 20_000 });
const { violation, figures } = await runSimulation(plan, { service });
const sums = [...service.sums.values()];
const isCounted = sums.every((sum) => sum >= service.acknowledged && sum <= service.begun);
console.log(violation === null ? 'every property held' : `violated: ${violation.property}`);
console.log(`faults: ${plan.faults.length}, operations: ${figures.operations}, terms: ${figures.terms}`);
console.log(
  `acknowledged ${service.acknowledged} of ${service.begun}, every node has ${new Set(sums).size === 1 ? 'the same sum' : sums.join()}`,
);
process.exitCode = violation === null && isCounted ? 0 : 1;
