/** A cluster of three in one process, without disk or network; it runs in a browser as well. Run it: `node examples/memory-cluster.ts` */
import { startMemoryCluster } from 'raftchart/memory';

const cluster = startMemoryCluster({
  nodes: 3,
  stateMachine: () => {
    let sum = 0;
    return {
      apply: (command) => {
        sum += command[0]!;
        return sum;
      },
    };
  },
});

const add = async (amount: number): Promise<void> => {
  const outcome = await cluster.propose(Uint8Array.of(amount));
  console.log(outcome.type === 'applied' ? `added ${amount}: ${outcome.result}` : outcome.type);
};

await add(1);
await add(10);
const first = cluster.leader()!.id;
await cluster.stop(first);
console.log('the leader is gone');
await add(100);
cluster.start(first);
await add(0);
await cluster.close();
