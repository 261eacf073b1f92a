import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether `program` is on the PATH. */
export const hasProgram = async (program: string): Promise<boolean> =>
  run('which', [program]).then(
    () => true,
    () => false,
  );

export interface LoadFigures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers other than 2xx and broken connections. */
  readonly errors: number;
}

/** The requests of a load, sent in turn. */
export interface LoadRequests {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly { readonly path: string; readonly body: string }[];
}

const lua = (text: string) => JSON.stringify(text);

/** A wrk script that sends `load` and prints one line of figures. */
export const writeScript = (file: string, load: LoadRequests): void => {
  const headers = Object.entries(load.headers).map(
    ([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`,
  );
  writeFileSync(
    file,
    `${headers.join('\n')}
local requests = {}
init = function()
${load.requests.map(({ path, body }) => `  requests[#requests + 1] = wrk.format(${lua(load.method)}, ${lua(path)}, nil, ${lua(body)})`).join('\n')}
end
local at = math.random(${load.requests.length})
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local errors = summary.errors
  print(string.format("FIGURES %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
`,
  );
};

/** Runs wrk with one thread. */
export const runWrk = async (
  endpoint: string,
  script: string,
  connections: number,
  seconds: number,
): Promise<LoadFigures> => {
  const flags = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    script,
    endpoint.startsWith('https://') ? endpoint : `http://${endpoint}`,
  ];
  const { stdout } = await run('wrk', flags);
  const figures = /FIGURES (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(stdout);
  if (figures === null) throw new Error(`wrk printed no figures: ${stdout}`);
  const [requests, micros, p50, p99, errors] = figures.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { requestsPerSecond: (requests / micros) * 1e6, p50Ms: p50 / 1000, p99Ms: p99 / 1000, errors };
};
