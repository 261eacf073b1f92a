import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/diagram/sources.ts';

/** Words of the protocol, of its literature and of clusters, in names, texts and comments alike. */
const words =
  /\braft\b|raft paper|\bthe paper\b|thesis|ongaro|leader|follower|candidate|quorum|voter?\b|\bvotes\b|election|heartbeat|append_?entries|\brole\b(?!=)|\bpeers?\b|§\d/i;

const offences = (text: string): readonly string[] =>
  text.split('\n').flatMap((line, at) => (words.test(line) ? [`${at + 1}: ${line.trim()}`] : []));

it('the tools for any statechart know no word of Raft', () => {
  const folder = join(packageRoot(), 'src/statechart');
  const files = readdirSync(folder, { recursive: true }).filter((path): path is string =>
    /\.ts$/.test(`${path}`),
  );
  expect(files.length).toBeGreaterThan(40);
  expect(
    files.flatMap((path) =>
      offences(readFileSync(join(folder, path), 'utf8')).map((each) => `${path}:${each}`),
    ),
  ).toEqual([]);
});

it('a word of Raft is found wherever it stands', () => {
  expect(offences("say('In the tables § alone means the Raft paper.')")).toHaveLength(1);
  expect(offences('/** Such as `follower.leased`. */\nconst roleOf = topOf;\nkind: "role"')).toHaveLength(2);
  expect(offences("halo: 'paper', urn:raftchart:rule, new WeakMap()")).toEqual([]);
});
