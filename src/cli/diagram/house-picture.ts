import { type Item, placeRuns, type Run, runWidth, type Scene, shift } from '../../statechart/draw/scene.ts';
import { wrapText } from '../../statechart/draw/text-metrics.ts';
import type { Floors, House, Room } from './house.ts';

const margin = 24;
const floorWidth = 1040;
const gap = 12;
const padding = 12;
const lineHeight = 16;
const insideHeight = 24;
const insideGap = 5;
/** Room for a face wider than Helvetica. */
const slack = 0.88;

/** The floors from the top down; in each room what it is, its own floors, and the rooms that it imports. */
export const housePicture = (house: House): Scene => {
  const title: Run = { text: 'The house', face: 'strong', paint: 'ink', size: 18 };
  const hint: Run = {
    text: 'A room imports only rooms on the floors below it; “uses” lists those that it does import.',
    face: 'prose',
    paint: 'faint',
    size: 12.5,
  };
  const items: Item[] = [
    ...placeRuns([title], margin, margin + 16),
    ...placeRuns([hint], margin + runWidth(title) + 20, margin + 15),
  ];
  let y = margin + 34;
  for (const [at, rooms] of house.floors.toReversed().entries()) {
    const floor = drawFloor(house, rooms, house.floors.length - 1 - at);
    items.push(...shift(floor.items, margin, y));
    y += floor.height + gap;
  }
  return {
    title: 'The house',
    description: `From the top down: ${house.floors
      .toReversed()
      .map((rooms) => rooms.map(({ room }) => room).join(', '))
      .join('; ')}.`,
    width: floorWidth + 2 * margin,
    height: y - gap + margin,
    items,
  };
};

const drawFloor = (house: House, rooms: readonly Room[], level: number) => {
  const label: Run = {
    text: level === 0 ? 'ground' : String(level),
    face: 'prose',
    paint: 'faint',
    size: 11,
  };
  const left = 64;
  const width = (floorWidth - left - gap * rooms.length) / rooms.length;
  const drawn = rooms.map((room) => drawRoom(house, room, width));
  const height = Math.max(...drawn.map((each) => each.height));
  const items: Item[] = [
    {
      kind: 'box',
      x: 0,
      y: 0,
      width: floorWidth,
      height: height + 2 * gap,
      radius: 4,
      fill: 'band',
    },
    ...placeRuns([label], gap, gap + 18),
    ...drawn.flatMap((each, at): readonly Item[] => {
      const x = left + at * (width + gap);
      return [
        {
          kind: 'box',
          x,
          y: gap,
          width,
          height,
          radius: 6,
          fill: 'panel',
          stroke: 'line',
        },
        ...shift(each.items, x, gap),
      ];
    }),
  ];
  return { height: height + 2 * gap, items };
};

/** What it is and uses; its own floors below that, or beside it where the room is wide. */
const drawRoom = (house: House, room: Room, width: number) => {
  const isWide = width > 600 && room.floors !== undefined;
  const column = isWide ? width / 2 - 1.5 * padding : width - 2 * padding;
  const items: Item[] = [];
  let y = padding + 12;
  items.push(...placeRuns([{ text: room.room, face: 'strong', paint: 'ink', size: 14 }], padding, y));
  const paragraph = (text: string, paint: Run['paint'], size: number) => {
    for (const line of wrapText(text, 'prose', size, column * slack)) {
      y += lineHeight;
      items.push(...placeRuns([{ text: line, face: 'prose', paint, size }], padding, y));
    }
  };
  paragraph(room.is, 'ink', 12);
  const imported = house.imports.get(room.room) ?? [];
  if (imported.length > 0) paragraph(`uses ${imported.toReversed().join(', ')}`, 'faint', 11.5);
  y += padding;
  if (room.floors === undefined) return { height: y, items };
  const inside = drawInside(room.floors, column);
  if (isWide) {
    items.push(...shift(inside.items, width / 2 + padding / 2, padding));
    return { height: Math.max(y, inside.height + 2 * padding), items };
  }
  items.push(...shift(inside.items, padding, y));
  return { height: y + inside.height + padding, items };
};

/** The floors inside a room: a row each, the top first. */
const drawInside = (floors: Floors, width: number) => {
  const items = floors.toReversed().flatMap((rooms, row): readonly Item[] => {
    const each = (width - 6 * (rooms.length - 1)) / rooms.length;
    return rooms.flatMap(({ room }, at): readonly Item[] => {
      const x = at * (each + 6);
      const name: Run = { text: room, face: 'code', paint: 'ink', size: 11 };
      return [
        {
          kind: 'box',
          x,
          y: row * insideHeight,
          width: each,
          height: insideHeight - insideGap,
          radius: 3,
          fill: 'heading',
        },
        ...placeRuns([name], x + (each - runWidth(name)) / 2, row * insideHeight + 13),
      ];
    });
  });
  return { height: floors.length * insideHeight - insideGap, items };
};
