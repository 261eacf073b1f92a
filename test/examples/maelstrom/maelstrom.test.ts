import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verdictText } from '../../../src/check/verdict-text.ts';
import { runLinKv } from './lin-kv.ts';

const program = 'examples/maelstrom/node.ts';
const network = { loss: 0.02, maxDelayMs: 8 };

it.each([
  { nodes: 3, durationMs: 4500 },
  { nodes: 5, durationMs: 4500 },
])(
  'the example for Maelstrom is linearizable with $nodes nodes, loss, delays and partitions',
  async ({ nodes, durationMs }) => {
    const run = await runLinKv({ program, nodes, seed: nodes, network, durationMs });
    const { verdict, ok, info, dropped, partitions, recovered, errors } = run;
    process.stdout.write(
      `${nodes} nodes: ${verdictText(verdict).trim()}; ok ${JSON.stringify(ok)}, info ${info}, messages dropped ${dropped}, partitions ${partitions}\n`,
    );
    expect(errors).toBe('');
    expect(verdictText(verdict)).toMatch(/^linearizable/);
    expect(recovered).toHaveLength(nodes);
    // A slow machine does less, but not nothing.
    for (const count of Object.values(ok)) expect(count).toBeGreaterThan(5);
    expect(Math.min(dropped, partitions)).toBeGreaterThan(0);
  },
);

// On a machine that is all but standing still there may be no read that is stale.
it('were the example to answer reads from its own store, without asking a leader, a stale read would be found', {
  retry: 2,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-maelstrom-'));
  try {
    const honest = readFileSync(program, 'utf8');
    const stale = honest.replace(/^ {2}const outcome = await node\.readable\(\);\n.*\n/m, '');
    expect(stale).not.toBe(honest);
    writeFileSync(join(folder, 'stale.mts'), stale);
    const plan = { program: join(folder, 'stale.mts'), nodes: 3, seed: 1, network, durationMs: 3000 };
    const { verdict } = await runLinKv(plan);
    const text = verdictText(verdict);
    process.stdout.write(text);
    expect(text).toMatch(/^not linearizable/);
    expect(text).toMatch(/process \d+ read /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
