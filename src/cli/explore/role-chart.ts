import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { loadChart } from '../diagram/load-chart.ts';
import { UsageError } from '../usage-error.ts';

/** Without these nothing that a chart decides ever leaves it. */
const effects = ['persist', 'send', 'replicate', 'apply'];

/** A changed role chart, such as one with a guard replaced. Throws `UsageError` for what is none. */
export const loadRoleChart = async (chart: {
  readonly file: string;
  readonly export: string | null;
}): Promise<typeof raftMachine> => {
  const { machine } = await loadChart(chart.file, chart.export ?? undefined);
  const missing = effects.filter((name) => !(name in machine.implementations.actions));
  if (missing.length === 0) return machine as unknown as typeof raftMachine;
  throw new UsageError(`${chart.file} exports no role chart of Raft: it has no effect called ${missing[0]}`);
};
