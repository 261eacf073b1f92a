import type { ChartModel } from '../read/model.ts';
import { stateText, transitionText } from '../read/notation.ts';
import type { SourceChange } from './source-diff.ts';
import type { SourceUse, SourceUser } from './source-users.ts';

/** A comparison as lines: how deep, which sign, and what. */
export interface Line {
  readonly depth: number;
  readonly sign: '+' | '-' | '~' | ' ';
  readonly text: string;
  /** A line between changed ones, which is to stand below their text. */
  readonly isContext?: true;
}

/** In ASCII, as in `git diff`. */
export const textSigns = { added: '+', removed: '-', changed: '~' } as const;

/** More lines, users or transitions than these are counted. */
const shownLines = 60;
const shownUsers = 8;
const shownUses = 25;

/** What changed in a definition, who uses it, and where the chart uses these. `chart`: the new one, for what is gone the old one. */
export const sourceLines = (source: SourceChange, chart: ChartModel): readonly Line[] => [
  { depth: 1, sign: textSigns[source.change], text: `${sourceTitle(source, chart)}, ${placeText(source)}` },
  ...source.hunks
    .flatMap(({ lines }, at) => [
      ...(at === 0 ? [] : [{ depth: 3, sign: ' ', text: '…' } as const]),
      ...lines.map(hunkLine),
    ])
    .slice(0, shownLines),
  ...more(source.hunks.reduce((sum, { lines }) => sum + lines.length, 0) - shownLines, 'lines', 3),
  ...(source.name === '' ? [] : usedBy(source.users, chart)),
];

/** The name of a definition; of a function in the config what it is there for. */
export const sourceTitle = ({ name, users }: SourceChange, chart: ChartModel): string => {
  if (name !== '') return name;
  const [use] = users.flatMap(({ uses }) => uses);
  if (use === undefined) return 'a function of the config';
  return use.transition === null ? useText(use, chart) : `${useText(use, chart)}, ${partText(use.part)}`;
};

const placeText = ({ before, after, name }: SourceChange): string => {
  const now = (after ?? before)!;
  const isMoved = before !== null && before.path !== now.path && name !== '';
  return `${now.path}:${now.line}${isMoved ? ` (was ${before.path}:${before.line})` : ''}`;
};

const hunkLine = (line: string): Line => {
  const [sign, text] = [line[0], line.slice(1)];
  return sign === '+' || sign === '-'
    ? { depth: 3, sign, text }
    : { depth: 3, sign: ' ', text, isContext: true };
};

const usedBy = (users: readonly SourceUser[], chart: ChartModel): readonly Line[] => {
  const named = users.filter(({ name }) => name !== '');
  const uses = [
    ...new Map(users.flatMap((user) => user.uses.map((use) => [useText(use, chart), use] as const))).keys(),
  ];
  if (uses.length === 0 && named.length === 0) return [];
  const userText = ({ what, name, via }: SourceUser) =>
    `${what} ${name}${via.length === 0 ? '' : `, through ${via.join(', ')}`}`;
  return [
    {
      depth: 2,
      sign: ' ',
      text: uses.length === 0 ? 'used by, though by no transition of the chart:' : 'used by:',
    },
    ...named.slice(0, shownUsers).map((user): Line => ({ depth: 3, sign: ' ', text: userText(user) })),
    ...more(named.length - shownUsers, 'guards, actions, delays or actors', 3),
    ...uses.slice(0, shownUses).map((text): Line => ({ depth: 3, sign: ' ', text })),
    ...more(uses.length - shownUses, 'transitions', 3),
  ];
};

const more = (count: number, what: string, depth: number): readonly Line[] =>
  count <= 0 ? [] : [{ depth, sign: ' ', text: `… and ${count} more ${what}` }];

/** A place of the chart: a transition, or a part of a state. */
const useText = ({ state, transition, part }: SourceUse, chart: ChartModel): string =>
  `${stateText(chart, state)}: ${transition === null ? partText(part) : transitionText(chart, transition)}`;

/** Counted from 1 on, as people do. */
const partText = (part: string): string => part.replace(/\d+/g, (digits) => String(Number(digits) + 1));
