import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Command } from 'commander';
import { AdapterSession } from './adapter-session.ts';

/** `raftchart adapter`: this repository's own node, for `raftchart conformance`. Ends when its input does. */
export const adapterCommand = (): Command =>
  new Command('adapter')
    .description('Answers the conformance kit (docs/conformance.md) for the node of this repository.')
    .action(() => serve(process.stdin, process.stdout));

/** Answers each line with one line, in order. */
const serve = async (input: Readable, output: Writable): Promise<void> => {
  const session = new AdapterSession();
  for await (const line of createInterface({ input })) output.write(`${await session.answer(line)}\n`);
};
