import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readSources } from './sources.ts';

/** A room of the house, as `docs/house.json` names it; it may have floors of its own. */
export interface Room {
  readonly room: string;
  /** What it is, as the end of a sentence. */
  readonly is: string;
  readonly floors?: Floors;
}

/** The ground first. */
export type Floors = readonly (readonly Room[])[];

/** What `.dependency-cruiser.cjs` enforces and `ARCHITECTURE.md` shows. */
export interface House {
  readonly floors: Floors;
  /** For each room the rooms that its files import, types included; in the order of the floors, the ground first. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

export const readHouse = (root: string): House => {
  const { floors } = JSON.parse(readFileSync(join(root, 'docs/house.json'), 'utf8')) as { floors: Floors };
  const rooms = floors.flat().map(({ room }) => room);
  const imports = new Map(rooms.map((room) => [room, new Set<string>()]));
  for (const { path, text } of readSources(root, ['machines', 'src'])) {
    const importing = roomOf(path);
    for (const [, specifier] of text.matchAll(relativeImport)) {
      const imported = roomOf(posix.join(posix.dirname(path), specifier!));
      if (imported !== importing) imports.get(importing)?.add(imported);
    }
  }
  return {
    floors,
    imports: new Map(rooms.map((room) => [room, rooms.filter((each) => imports.get(room)!.has(each))])),
  };
};

/** Static and dynamic imports and exports, and the types `import('…')`. */
const relativeImport = /(?:^(?:import|export|\})[^'\n]*|\bimport\()'(\.\.?\/[^']+)'/gm;

/** `machines` or the folder below `src`; what stands in none of the rooms is in a room without a place in the house. */
const roomOf = (path: string): string => {
  const [top, folder] = path.split('/');
  return top === 'src' ? folder! : top!;
};

/** The folder of a room, as people write it. */
export const folderOf = (room: string): string => (room === 'machines' ? 'machines/' : `src/${room}/`);
