import { indexTests } from '../../statechart/read/test-index.ts';
import { walk } from '../../statechart/read/walk.ts';
import { protocolDocument } from '../../verify/protocol/protocol.ts';
import { knownCharts } from '../machine/known-charts.ts';
import type { GeneratedFile } from './diagram-files.ts';
import { drawnTables } from './drawn-tables.ts';
import { linksFrom, readSourceIndex, readSources } from './sources.ts';

/** Tests of the rules and of the charts; all others are about what runs them. */
const testFolders = ['test/raft', 'test/machines'];

/** `docs/protocol.md`. Where charts can be looked at live, `liveAt` says where one shows a state or a branch. */
export const protocolFile = async (
  root: string,
  liveAt: ((chart: string, id: string) => string) | null = null,
): Promise<GeneratedFile> => {
  const drawn = [
    ...knownCharts.map((known) => ({ ...known, chart: walk(known.machine) })),
    ...drawnTables.map((table) => ({ ...table, exportName: undefined })),
  ];
  const indexes = await Promise.all(drawn.map((each) => readSourceIndex(root, each)));
  const charts = drawn.map(({ name, title, path, chart }, at) => ({
    title,
    path,
    chart,
    links: linksFrom('docs', indexes[at]!),
    // Tables are drawn, not walked.
    liveAt: liveAt === null || drawn[at]!.exportName === undefined ? null : (id: string) => liveAt(name, id),
    picture: `<picture><source media="(prefers-color-scheme: dark)" srcset="../diagrams/${name}/overview.dark.svg"><img alt="${title}, overview" src="../diagrams/${name}/overview.light.svg"></picture>`,
  }));
  // Links to tests go without lines: they move too often for a committed file.
  const tests = indexTests(readSources(root, testFolders));
  return {
    path: 'docs/protocol.md',
    content: protocolDocument(charts, tests, ({ name, path }) => `[${escapeMarkdown(name)}](../${path})`),
  };
};

const escapeMarkdown = (text: string): string => text.replace(/\\'/g, "'").replace(/([[\]*_`<>])/g, '\\$1');
