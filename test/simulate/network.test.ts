import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../src/adapters/codec/message.ts';
import type { Connection } from '../../src/ports/transport.ts';
import type { Message, RequestVote } from '../../src/raft/messages.ts';
import { Dice } from '../../src/simulate/dice.ts';
import { Network } from '../../src/simulate/network.ts';
import { NetworkConditions } from '../../src/simulate/network-conditions.ts';
import type { MessageFault, NetworkPlan } from '../../src/simulate/plan.ts';
import { SimulatedProcess } from '../../src/simulate/process.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';

const calm: NetworkPlan = { minDelayMs: 1, maxDelayMs: 5, dropRate: 0, duplicateRate: 0, reorderRate: 0 };

const message = (term: number): RequestVote => ({
  type: 'RequestVote',
  from: 1,
  to: 2,
  term,
  lastLogIndex: 0,
  lastLogTerm: 0,
  leadershipTransfer: false,
});

/** Node 1 has dialled node 2. */
const connected = (plan: Partial<NetworkPlan> = {}, faults: readonly MessageFault[] = []) => {
  const clock = new VirtualClock();
  const arrived: number[] = [];
  const lost: Message[] = [];
  const closed: string[] = [];
  const conditions = new NetworkConditions({ ...calm, ...plan }, faults, new Dice(1));
  const network = new Network(clock, conditions, {
    sent: () => {},
    delivered: ({ term }) => arrived.push(term),
    lost: (message) => lost.push(message),
  });
  const processes = [1, 2].map(() => {
    const process: SimulatedProcess = new SimulatedProcess(clock, 1, () => network.died(process));
    return process;
  });
  const handlers = { opened: () => {}, frame: () => {}, closed: (reason: string) => closed.push(reason) };
  network.transport(2, processes[1]!).listen(() => handlers);
  const connection: Connection = network.transport(1, processes[0]!).dial(2, handlers);
  const pass = (ms: number) => {
    const limit = clock.nowUs + ms * 1000;
    while (clock.runNext(limit));
  };
  pass(20);
  const send = (...terms: readonly number[]) => {
    for (const term of terms) connection.send(encodeMessage(message(term)));
  };
  return { clock, conditions, network, processes, send, pass, arrived, lost, closed };
};

const range = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('simulated network', () => {
  it('keeps the order of a connection, whatever the delays', () => {
    const { send, pass, arrived } = connected();
    send(...range(200));
    pass(100);
    expect(arrived).toEqual(range(200));
  });

  it('loses, repeats and overtakes about as often as asked', () => {
    const { send, pass, arrived, lost } = connected({ dropRate: 0.1, duplicateRate: 0.1, reorderRate: 0.1 });
    send(...range(2000));
    pass(1000);
    expect(lost.length).toBeGreaterThan(140);
    expect(lost.length).toBeLessThan(260);
    const repeated = arrived.length - new Set(arrived).size;
    expect(repeated).toBeGreaterThan(120);
    expect(arrived.some((term, at) => term < (arrived[at - 1] ?? 0))).toBe(true);
  });

  it('does to single messages what the plan names, and tells what became of which', () => {
    const address = { from: 1, to: 2, heartbeat: false };
    const faults: readonly MessageFault[] = [
      { ...address, nth: 2, kind: 'drop' },
      { ...address, nth: 3, kind: 'duplicate' },
    ];
    const { send, pass, arrived, conditions } = connected({}, faults);
    send(1, 2, 3, 4);
    pass(100);
    expect([...arrived].sort()).toEqual([1, 3, 3, 4]);
    expect(conditions.applied).toEqual(faults);
  });

  it('leaving one fault out moves no other', () => {
    const drawn = connected({ dropRate: 0.2 });
    drawn.send(...range(100));
    const faults = drawn.conditions.applied;
    const repeated = connected({}, faults.slice(1));
    repeated.send(...range(100));
    expect(repeated.conditions.applied).toEqual(faults.slice(1));
  });

  it('a block in one direction loses what goes there; a hold delays it until it ends', () => {
    const { clock, conditions, send, pass, arrived, lost } = connected();
    conditions.path(1, 2).blocks++;
    send(1);
    conditions.path(1, 2).blocks--;
    conditions.path(1, 2).heldUntilUs = clock.nowUs + 50_000;
    send(2);
    pass(40);
    expect([arrived, lost.length]).toEqual([[], 1]);
    pass(40);
    expect(arrived).toEqual([2]);
  });

  it('what a node sent before it died arrives, and then its peer learns of it', () => {
    const { processes, send, pass, arrived, closed } = connected();
    send(1, 2);
    processes[0]!.kill();
    send(3);
    pass(100);
    expect(arrived).toEqual([1, 2]);
    expect(closed).toEqual(['closed by the other side']);
  });

  it('a connection that breaks loses what was on its way, and both sides learn of it', () => {
    const { network, send, pass, arrived, closed } = connected();
    send(1);
    network.disconnect(1, 2);
    pass(100);
    expect([arrived, closed]).toEqual([[], ['connection reset', 'connection reset']]);
  });
});
