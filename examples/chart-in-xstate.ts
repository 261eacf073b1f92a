/**
 * The role chart in an application's own XState system: one actor, its effects done by hand, with a log store of a few lines.
 * Run it: `node examples/chart-in-xstate.ts`. docs/embedding.md tells what each effect asks for.
 */
import { type Entry, type HardState, raftMachine, readReplicate } from 'raftchart/chart';
import { createActor } from 'xstate';

/** The log: here in memory, so everything is durable at once. */
const entries: Entry[] = [];
let hardState: HardState = { currentTerm: 0, votedFor: null };
/** How far the state machine is. Not `context.lastApplied`: that is behind until `Applied` has been handled. */
let lastApplied = 0;
const store = {
  read: (firstIndex: number, lastIndex: number) => entries.slice(firstIndex - 1, lastIndex),
};
const decoder = new TextDecoder();

const machine = raftMachine.provide({
  actions: {
    // Make it durable, and say so: in a later event, never inside the effect.
    persist: (_, { currentTerm, votedFor, firstIndex, entries: added, lastIndex }) => {
      hardState = { currentTerm, votedFor };
      if (added.length > 0) entries.splice(firstIndex - 1, entries.length, ...added);
      queueMicrotask(() => actor.send({ type: 'Persisted', term: currentTerm, lastIndex }));
    },
    // Once all that was persisted before is durable: here it is.
    send: (_, { message }) => console.log(`to node${message.to}: ${message.type}`),
    // Names entries only; the payloads come from the log store. Null: the log was replaced since, so the message is lost.
    replicate: (_, effect) => {
      const message = readReplicate(store, 1, effect);
      if (message !== null) console.log(`to node${message.to}: ${message.entries.length} entries`);
    },
    apply: (_, { lastIndex }) => {
      for (const { kind, payload } of entries.slice(lastApplied, lastIndex)) {
        if (kind === 'command') console.log(`apply: ${decoder.decode(payload)}`);
      }
      lastApplied = lastIndex;
      queueMicrotask(() => actor.send({ type: 'Applied', index: lastIndex }));
    },
    accept: (_, { ids, firstIndex }) => console.log(`proposal ${ids.join()} stands at index ${firstIndex}`),
    reject: (_, { ids, leaderId }) => console.log(`proposal ${ids.join()} refused, leader: ${leaderId}`),
    // The state machine here answers the read once it has applied that much: with one voter it has.
    confirmRead: (_, { id, index }) => console.log(`read ${id} sees all up to index ${index}`),
    rejectRead: (_, { id, leaderId }) => console.log(`read ${id} refused, leader: ${leaderId}`),
    acceptRequest: (_, { id, index }) =>
      console.log(`request ${id} is done: the members at index ${index} are committed`),
    rejectRequest: (_, { id, reason }) => console.log(`request ${id} refused: ${reason}`),
    // A state machine that is never saved calls for no snapshots; the one below answers none.
    compact: () => {},
    sendChunk: () => {},
    storeChunk: () => {},
    installSnapshot: () => {},
    report: (_, { peer, problem }) => console.log(`node${peer} broke the protocol: ${problem.type}`),
  },
});

const actor = createActor(machine, { input: { id: 1, voters: [1], hardState } });
actor.start();
while (!actor.getSnapshot().matches('leader')) await new Promise((resolve) => setTimeout(resolve, 10));
console.log(`leader of term ${actor.getSnapshot().context.currentTerm}`);
const payload = new TextEncoder().encode('hello');
actor.send({ type: 'Proposed', proposals: [{ id: 7, payload }] });
await new Promise((resolve) => setTimeout(resolve, 10));
actor.send({ type: 'ReadRequested', id: 8, nowMs: performance.now() });
actor.send({ type: 'TransferRequested', id: 9, target: 2 });
actor.stop();
