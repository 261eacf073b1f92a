import type { Plugin } from 'vite';
import { roleChart } from '../src/cli/play/role-chart.ts';

const moduleId = 'virtual:role-chart';

/** The role chart as it was laid out, so that the page lays nothing out. */
export const roleChartModule = (): Plugin => ({
  name: 'raftchart-role-chart',
  resolveId: (id) => (id === moduleId ? `\0${moduleId}` : null),
  // A browser reads a long text faster than a long literal.
  load: async (id) =>
    id === `\0${moduleId}`
      ? `export default JSON.parse(${JSON.stringify(JSON.stringify(await roleChart()))})`
      : null,
});
