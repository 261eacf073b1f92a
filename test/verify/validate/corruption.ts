import type { Line } from './traced-runs.ts';

/** How a trace was made false. */
export interface Corruption {
  readonly kind: 'field' | 'drop' | 'swap';
  readonly text: string;
  readonly lines: readonly Line[];
}

/** What a rule reads, or what decides whether it may be read. */
const readByRules = new Set([
  'chart',
  'interrupted',
  'sent',
  'delivered',
  'synced',
  'applied',
  'started',
  'crashed',
]);
/** Of these, the order on one node matters. */
const ordered = new Set(['chart', 'interrupted', 'synced', 'started', 'crashed']);
/** No rule reads these: names for people, addresses, times, and how much room there is in a message. */
const unread = new Set(['atMs', 'rule', 'description', 'nowMs', 'members', 'settings', 'cuts', 'tailBytes']);

/** Makes `lines` false in one place. `chance` draws a whole number below its argument. */
export const corrupted = (
  lines: readonly Line[],
  kind: Corruption['kind'],
  chance: (below: number) => number,
): Corruption => {
  for (;;) {
    const at = chance(lines.length);
    const line = lines[at]!;
    if (!readByRules.has(line.type)) continue;
    if (kind === 'drop') return { kind, text: `drops ${line.type}`, lines: lines.toSpliced(at, 1) };
    if (kind === 'swap') {
      const other = lines.findIndex(
        (each, later) => later > at && ordered.has(each.type) && each.node === line.node,
      );
      if (!ordered.has(line.type) || other < 0) continue;
      const [a, b]: [Line, Line] = [
        { ...line, atMs: lines[other]!.atMs },
        { ...lines[other]!, atMs: line.atMs },
      ];
      return { kind, text: `swaps ${a.type} and ${b.type}`, lines: lines.with(at, b).with(other, a) };
    }
    const leaves = leavesOf(line).filter(
      ({ path, value }) =>
        !path.some((each) => unread.has(each)) && ['number', 'boolean'].includes(typeof value),
    );
    if (leaves.length === 0) continue;
    const { path, value } = leaves[chance(leaves.length)]!;
    const other =
      typeof value === 'boolean' ? !value : Number(value) + (chance(2) === 0 ? 1 : -1) * (1 + chance(3));
    const changed = structuredClone(line);
    path.slice(0, -1).reduce((inner, each) => inner[each], changed)[path.at(-1)!] = other;
    return {
      kind,
      text: `${line.type} ${path.join('.')}: ${value} → ${other}`,
      lines: lines.with(at, changed),
    };
  }
};

const leavesOf = (
  value: unknown,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly value: unknown }[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [{ path, value }];
