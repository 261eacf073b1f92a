/**
 * A node for Maelstrom's lin-kv workload, in memory: Maelstrom restarts no process. Any node takes any request. README.md says how to run it.
 */
import { createInterface } from 'node:readline';
import {
  createDatagramTransport,
  createMemoryDisk,
  createNode,
  encodeCas,
  encodePut,
  KvStateMachine,
  kvResultCodec,
  openMemory,
} from 'raftchart';
import { createSubmitter, SessionStateMachine } from 'raftchart/sessions';

// The first message says who this node is, and who the others are.
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { src: harness, body: init } = JSON.parse((await lines.next()).value!);
const names: string[] = init.node_ids;
const idOf = (name: string) => names.indexOf(name) + 1;
const id = idOf(init.node_id);
const peers = names.map(idOf).filter((each) => each !== id);

const send = (dest: string, body: object) =>
  process.stdout.write(`${JSON.stringify({ src: init.node_id, dest, body })}\n`);
const carrier = (type: string) => (to: number, bytes: Uint8Array) =>
  send(names[to - 1]!, { type, bytes: Buffer.from(bytes).toString('base64') });

const kv = new KvStateMachine();
const stateMachine = new SessionStateMachine(kv, kvResultCodec);
const transport = createDatagramTransport({ send: carrier('raft') });
const node = createNode({ id, peers, storage: openMemory(createMemoryDisk()), transport, stateMachine });
const submitter = createSubmitter({ node, results: kvResultCodec, send: carrier('command') });

/** Of these only 13 leaves open whether the command was or will be applied. */
const codes = { overloaded: 11, closed: 11, notLeader: 11, timedOut: 14, unknownOutcome: 13 };
const error = (code: number, text: string) => ({ type: 'error', code, text });
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const read = async (key: string) => {
  const outcome = await node.readable();
  if (outcome.type !== 'ready') return error(codes[outcome.type], outcome.type);
  const value = kv.get(key);
  if (value === null) return error(20, 'no such key');
  return { type: 'read_ok', value: JSON.parse(new TextDecoder().decode(value)) };
};
const submit = async (command: Uint8Array, type: string) => {
  const outcome = await submitter.submit(command);
  if (outcome.type !== 'applied') return error(codes[outcome.type], outcome.type);
  if (outcome.result.type !== 'mismatch') return { type };
  return outcome.result.actual === null ? error(20, 'no such key') : error(22, 'another value');
};
const answer = async ({ type, key, value, from, to }: Record<string, unknown>) => {
  if (type === 'read') return read(`${key}`);
  if (type === 'write') return submit(encodePut(`${key}`, encode(value)), 'write_ok');
  if (type === 'cas') return submit(encodeCas(`${key}`, encode(from), encode(to)), 'cas_ok');
  return error(10, `${type} is not supported`);
};

send(harness, { type: 'init_ok', in_reply_to: init.msg_id });
for await (const line of lines) {
  const { src, body } = JSON.parse(line);
  if (body.type === 'raft') transport.receive(idOf(src), Buffer.from(body.bytes, 'base64'));
  else if (body.type === 'command') submitter.receive(idOf(src), Buffer.from(body.bytes, 'base64'));
  else answer(body).then((said) => send(src, { ...said, in_reply_to: body.msg_id }));
}
process.exit();
