import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toSvg } from '../../statechart/draw/svg.ts';
import type { GeneratedFile } from './diagram-files.ts';
import { folderOf, type House, type Room, readHouse } from './house.ts';
import { housePicture } from './house-picture.ts';

const begin = '<!-- house: generated from docs/house.json and the imports of the code by npm run fix -->';
const end = '<!-- house: end -->';

/** The picture of the house, and the table of its rooms in `ARCHITECTURE.md`. */
export const houseFiles = (root: string): readonly GeneratedFile[] => {
  const house = readHouse(root);
  const scene = housePicture(house);
  return [
    { path: 'diagrams/house.light.svg', content: toSvg(scene, 'light') },
    { path: 'diagrams/house.dark.svg', content: toSvg(scene, 'dark') },
    { path: 'ARCHITECTURE.md', content: withTable(root, house) },
  ];
};

/** The page with its table as it should be; a page that has lost the markers is refused. */
const withTable = (root: string, house: House): string => {
  const path = join(root, 'ARCHITECTURE.md');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`ARCHITECTURE.md has no place for the rooms: put back the lines\n${begin}\n${end}`);
  }
  return `${text.slice(0, from)}${begin}\n${table(house)}\n${text.slice(to)}`;
};

const table = (house: House): string =>
  [
    '| Floor | Room | What it is | Imports |',
    '|---|---|---|---|',
    ...house.floors
      .map((rooms, level) => rooms.flatMap((room) => rows(house, room, level === 0 ? 'ground' : `${level}`)))
      .toReversed()
      .flat(),
  ].join('\n');

const rows = (house: House, { room, is, floors = [] }: Room, level: string): readonly string[] => [
  `| ${level} | \`${folderOf(room)}\` | ${is} | ${house.imports.get(room)!.toReversed().join(', ') || 'nothing'} |`,
  ...floors
    .toReversed()
    .flat()
    .map((inside) => `| | – \`${inside.room}/\` | ${inside.is} | |`),
];
