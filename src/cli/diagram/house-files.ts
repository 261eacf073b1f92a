import { toSvg } from '../../statechart/draw/svg.ts';
import type { GeneratedFile } from './diagram-files.ts';
import { withPart } from './generated-part.ts';
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
    withPart(root, { path: 'ARCHITECTURE.md', begin, end, content: table(house) }),
  ];
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
