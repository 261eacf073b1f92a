import { join } from 'node:path';
import { nodeLoad } from './node-load.ts';
import { hasProgram, type LoadFigures, runWrk, writeScript } from './wrk.ts';

/** Puts of 256 bytes to 10,000 keys, by wrk where it is installed. Its script goes to `directory`. */
export const putLoad = async (
  directory: string,
): Promise<(endpoint: string, connections: number, seconds: number) => Promise<LoadFigures>> => {
  const value = 'v'.repeat(256);
  const load = {
    method: 'PUT',
    headers: {},
    requests: Array.from({ length: 10_000 }, (_, at) => ({ path: `/v1/kv/key${at}`, body: value })),
  };
  const script = join(directory, 'puts.lua');
  writeScript(script, load);
  const hasWrk = await hasProgram('wrk');
  return (endpoint, connections, seconds) =>
    hasWrk ? runWrk(endpoint, script, connections, seconds) : nodeLoad(endpoint, load, connections, seconds);
};
