/**
 * A model of one's own: machines that give out tickets by number, one a queue.
 * Run it: `npx raftchart check examples/histories/tickets.ndjson --model ./examples/ticket-model.ts`
 */
import type { Model } from 'raftchart/check';

interface Take {
  readonly f: 'take';
  readonly queue: string;
}

interface Ticket {
  readonly ticket: number;
}

const ticketMachine: Model<number, Take, Ticket> = {
  init: 0,
  // Where nobody knows the ticket, any is possible.
  step: (last, _, output) => ({ ok: output === undefined || output.ticket === last + 1, state: last + 1 }),
  partition: ({ queue }) => queue,
  describe: (_, output) => (output === undefined ? 'take' : `take → ${output.ticket}`),
  describeState: (last) => `last ticket ${last}`,
};

export default ticketMachine;
