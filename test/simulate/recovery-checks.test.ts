import { expect, it } from 'vitest';
import { guards } from '../../machines/raft/guards.ts';
import { judgeDisk } from '../../src/node/judge-disk.ts';
import { withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';

const plan: Plan = { ...calmPlan, nodes: 3, durationMs: 2000, faults: [] };

it('a follower that refuses the log is said to stay behind, with what it lacks and had last', async () => {
  const machine = withGuards({
    isLogMismatch: (args) => {
      const { context, event } = args;
      if (context.id === 3 && event.type === 'AppendEntries' && event.prevLogIndex > 2) return true;
      return guards.isLogMismatch(args);
    },
  });
  const { violation } = await runSimulation(plan, { machine });
  expect(violation?.message).toMatch(
    /^Convergence: .* node3 has applied up to 2, and holds entries up to 3 .* \d+ entries after 3 \(of term 1\) of node\d in term 1 at .* ms, which it refused\)$/,
  );
});

it('a node that nobody believes is said to stay behind, with who refuses it and why', async () => {
  const judge: typeof judgeDisk = (peer, ...rest) =>
    peer === 3 ? { verdict: 'refused', reason: 'its disk is not liked' } : judgeDisk(peer, ...rest);
  const { violation } = await runSimulation(plan, { judgeDisk: judge });
  expect(violation?.message).toMatch(
    /^Convergence: .* node3 has applied up to 0, and lacks entry 1 \(node\d refuses node3: its disk is not liked; .*; it has never had entries or a heartbeat of a leader\)$/,
  );
});

it('a cluster in which no vote counts is said not to recover, with what every node is', async () => {
  const machine = withGuards({ isVoteQuorum: () => false });
  const { violation } = await runSimulation(plan, { machine });
  expect(violation?.message).toMatch(
    /^Recovery: .*; but no write was acknowledged within 9000 ms: node1 is \w+ in term \d+, node2 is \w+ in term \d+, node3 is \w+ in term \d+$/,
  );
});
