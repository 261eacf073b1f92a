/**
 * The tests that are generated from the chart, used in code: here they walk the chart itself; your own node takes its place.
 * Run it: `node examples/use-paths.ts`
 */
import { generatePaths, replay, toMessage } from 'raftchart/paths';

const { paths, chart } = generatePaths({ cover: 'transitions', voters: 1 });
const failed = paths.filter((path) => replay(path) !== null);
console.log(`chart ${/^[0-9a-f]{16}$/.test(chart) ? 'known by its hash' : chart}`);
console.log(`${paths.length} paths for a cluster of one, ${failed.length} failed`);

const [first] = paths;
for (const { event, expect } of first!.steps) {
  const what = event.type === 'deliver' ? toMessage(event.message).type : event.type;
  console.log(`${what} → ${expect.state}, term ${expect.term}`);
}
