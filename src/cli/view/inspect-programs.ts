import { randomBytes } from 'node:crypto';
import { InspectionLog } from '../../statechart/inspect/inspection-log.ts';
import { ChartThread } from './chart-thread.ts';
import { InspectedCharts } from './inspected-charts.ts';
import { newsRoute, sendRoute } from './inspection-routes.ts';
import { listenForPrograms, type Origins, type ProgramListener } from './listen-for-programs.ts';
import type { PageCharts } from './page-charts.ts';
import { ProgramSockets } from './program-sockets.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { PageContent, Upgrade } from './serve-page.ts';

export interface InspectOptions {
  readonly port: number;
  readonly origins: Origins;
  /** Is given lines for whoever started the inspector. */
  readonly tell: (line: string) => void;
}

/** The inspector behind the page: what the page's server adds to the page, and what listens for programs once the page has an address. */
export interface ProgramInspection {
  readonly content: Required<Pick<PageContent, 'made' | 'routes' | 'upgrades'>>;
  /** Throws `UsageError` if it cannot listen. */
  listen(pageUrl: string): Promise<ProgramListener>;
}

/** Where the page connects that was opened as the window of Stately's inspector, and forwards what it is told. */
const bridgePath = '/inspect-bridge';

export const inspectPrograms = (
  page: PageCharts,
  { port, origins, tell }: InspectOptions,
): ProgramInspection => {
  const charts = new InspectedCharts(page, new ChartThread(), (chart, problem) =>
    log.retellChart(chart, problem),
  );
  const log = new InspectionLog({
    nowMs: () => Date.now(),
    chartOf: (definition, program) => charts.chartOf(definition, program),
  });
  const sockets = new ProgramSockets(log, tell);
  let url: string | null = null;
  const bridge: Upgrade = (request, socket, head) => {
    const { origin, host } = request.headers;
    if (origin !== `http://${host}`) refuseUpgrade(socket, 403, 'only the page itself forwards messages');
    else if (sockets.isFull) refuseUpgrade(socket, 503, 'too many programs are connected');
    else sockets.accept(request, socket, head, origins.faultOf);
  };
  return {
    content: {
      made: new Map([['/data/charts.json', charts]]),
      routes: new Map([
        ['/inspected', newsRoute(log, randomBytes(6).toString('hex'), () => url)],
        ['/send', sendRoute(log, sockets)],
      ]),
      upgrades: new Map([[bridgePath, bridge]]),
    },
    listen: async (pageUrl) => {
      const listener = await listenForPrograms(port, { sockets, origins, pageUrl, tell });
      url = listener.url;
      return listener;
    },
  };
};
