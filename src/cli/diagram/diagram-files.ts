import { toDot } from '../../statechart/draw/dot.ts';
import { gateSteps } from '../../statechart/draw/gate.ts';
import { toMermaid } from '../../statechart/draw/mermaid.ts';
import { toSvg } from '../../statechart/draw/svg.ts';
import { layoutView, type View } from '../../statechart/draw/view.ts';
import { toScxml } from '../../statechart/export/scxml.ts';
import { toStately } from '../../statechart/export/stately.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { type KnownChart, knownCharts } from '../machine/known-charts.ts';
import { type DrawnTable, drawnTables } from './drawn-tables.ts';
import { linksFrom, readSourceIndex } from './sources.ts';

/** A generated file, by its path from the root of the repository. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** Everything under `diagrams/`: the same input gives the same bytes. */
export const diagramFiles = async (root: string): Promise<readonly GeneratedFile[]> => {
  const files: GeneratedFile[] = [];
  for (const known of knownCharts) files.push(...(await filesOf(root, known)));
  for (const table of drawnTables) files.push(...(await filesOfTable(root, table)));
  return [...files, { path: 'diagrams/README.md', content: indexPage() }];
};

const filesOf = async (root: string, known: KnownChart): Promise<readonly GeneratedFile[]> => {
  const chart = walk(known.machine);
  const folder = `diagrams/${known.name}`;
  const links = linksFrom(folder, await readSourceIndex(root, known));
  const files: GeneratedFile[] = [
    { path: `${folder}/${known.name}.scxml`, content: toScxml(chart) },
    { path: `${folder}/${known.name}.stately.json`, content: toStately(known.machine) },
  ];
  for (const [name, view] of viewsOf(chart)) {
    const scene = await layoutView(chart, view, links, raftRules);
    files.push(
      { path: `${folder}/${name}.light.svg`, content: toSvg(scene, 'light') },
      { path: `${folder}/${name}.dark.svg`, content: toSvg(scene, 'dark') },
    );
    if (view.kind === 'state') continue;
    files.push(
      { path: `${folder}/${name}.mmd`, content: toMermaid(chart, view) },
      { path: `${folder}/${name}.dot`, content: toDot(chart, view, 'light', raftRules) },
    );
  }
  return files;
};

const filesOfTable = async (
  root: string,
  { name, chart, path }: DrawnTable,
): Promise<readonly GeneratedFile[]> => {
  const folder = `diagrams/${name}`;
  const view = { kind: 'overview' } as const;
  const scene = await layoutView(
    chart,
    view,
    linksFrom(folder, await readSourceIndex(root, { path })),
    raftRules,
  );
  return [
    { path: `${folder}/overview.light.svg`, content: toSvg(scene, 'light') },
    { path: `${folder}/overview.dark.svg`, content: toSvg(scene, 'dark') },
    { path: `${folder}/overview.mmd`, content: toMermaid(chart, view) },
    { path: `${folder}/overview.dot`, content: toDot(chart, view, 'light', raftRules) },
  ];
};

/** The views that are worth a file: a page for each state that has rules, and the gate where there is one. */
const viewsOf = (chart: ChartModel): readonly (readonly [string, View])[] => [
  ['outline', { kind: 'outline' }],
  ['overview', { kind: 'overview' }],
  ['full', { kind: 'full' }],
  ...(gateSteps(chart).size > 0 ? [['gate', { kind: 'gate' }] as const] : []),
  ...chart.root.states
    .filter(({ type }) => type !== 'final')
    .map(({ key }) => [`role-${key}`, { kind: 'state', name: key }] as const),
];

const picture = (folder: string, name: string, alt: string): string =>
  `<picture><source media="(prefers-color-scheme: dark)" srcset="${folder}/${name}.dark.svg"><img alt="${alt}" src="${folder}/${name}.light.svg"></picture>`;

const indexPage = (): string => {
  const sections = knownCharts.map((known) => {
    const chart = walk(known.machine);
    const pages = viewsOf(chart).slice(1);
    const link = ([name, view]: readonly [string, View]) =>
      `[${view.kind === 'state' ? view.name : view.kind}](${known.name}/${name}.light.svg)`;
    return [
      `## ${known.title}`,
      '',
      `\`${known.path}\`. ${chart.root.description ?? ''}`.trim(),
      '',
      picture(known.name, 'outline', `${known.title}: its states, and the arrows between them`),
      '',
      `More: ${pages.map(link).join(', ')}.`,
      `For other tools: [Mermaid](${known.name}/overview.mmd) ([full](${known.name}/full.mmd)), [DOT](${known.name}/overview.dot), [SCXML](${known.name}/${known.name}.scxml), [JSON for Stately Studio](${known.name}/${known.name}.stately.json).`,
      '',
    ];
  });
  return `${[
    '# Diagrams',
    '',
    'Generated from the charts in `machines/`; `npm run fix` redraws them and `npm run verify` fails when one is stale.',
    'Names of guards and actions link to the lines that define them. `raftchart diagram` draws more of them, of any XState 5 machine.',
    'The same rules as text: [docs/protocol.md](../docs/protocol.md). The stories of `raftchart scenario` as',
    '[sequence diagrams](sequences/README.md).',
    '',
    ...sections.flat(),
    ...drawnTables.flatMap(({ name, title, path, chart }) => [
      `## ${title}`,
      '',
      `\`${path}\`. ${chart.root.description ?? ''}`.trim(),
      '',
      picture(name, 'overview', `${title}, overview`),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
};
