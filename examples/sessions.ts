/**
 * A counter that adds a retried command once: `node examples/sessions.ts`. A client adds 1 and loses the answer, the leader
 * goes away, and the client sends the same command again to the next one.
 */
import { type StateMachine, startMemoryCluster } from 'raftchart/memory';
import { type CommandKey, encodeEnvelope, type ResultCodec, SessionStateMachine } from 'raftchart/sessions';

class Counter implements StateMachine<number> {
  #sum = 0;

  apply(command: Uint8Array): number {
    this.#sum += command[0] ?? 0;
    return this.#sum;
  }
}

/** Answers are remembered as bytes, so that they can be part of a snapshot. */
const numbers: ResultCodec<number> = {
  encode: (result) => new TextEncoder().encode(String(result)),
  decode: (bytes) => Number(new TextDecoder().decode(bytes)),
};

const cluster = startMemoryCluster({
  nodes: 3,
  stateMachine: () => new SessionStateMachine(new Counter(), numbers),
});

/** Until somebody knows what became of it. The same key each time, so it does not matter which attempts arrived. */
const add = async (key: CommandKey, amount: number): Promise<string> => {
  const firstSent = performance.now();
  for (;;) {
    const envelope = encodeEnvelope({
      key,
      ageMs: performance.now() - firstSent,
      stampMs: Date.now(),
      command: Uint8Array.of(amount),
    });
    const outcome = await cluster.propose(envelope);
    if (outcome.type !== 'applied') continue;
    const { result } = outcome;
    return 'result' in result ? `${result.type}: ${result.result}` : result.type;
  }
};

const session = `client-${crypto.randomUUID()}`;
const first: CommandKey = { type: 'session', session, sequence: 1, received: 0 };
process.stdout.write(`${await add(first, 5)}\n`);
await cluster.stop(cluster.leader()!.id);
process.stdout.write(`${await add(first, 5)}\n`);
process.stdout.write(`${await add({ ...first, sequence: 2, received: 1 }, 1)}\n`);
process.stdout.write(`${await add({ ...first, sequence: 2, received: 1 }, 100)}\n`);
process.stdout.write(`${await add({ ...first, session: 'of-yore', sequence: 9 }, 1)}\n`);
await cluster.close();
