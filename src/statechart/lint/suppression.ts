import type { Written } from '../read/written.ts';
import type { Facts } from './facts.ts';
import type { Finding, Place } from './finding.ts';
import { rules } from './rules.ts';

/** A comment that tells a rule to be quiet. */
export interface Comment {
  readonly rule: string;
  /** Empty for none. */
  readonly reason: string;
  readonly place: Place;
  /** The line whose findings it is about; null for the whole file. */
  readonly line: number | null;
}

/** Names of what is wrong with suppressions themselves. They are no rules about charts, and cannot be suppressed. */
export const suppressionRules = {
  'suppression-without-reason': 'A suppression that does not say why.',
  'unused-suppression': 'A suppression of something that is not found, or of a rule that does not exist.',
} as const;

interface Suppression {
  readonly rule: string;
  readonly reason: string;
  readonly covers: (finding: Finding) => boolean;
  /** Where it stands. */
  readonly state: string | null;
  readonly transition: string | null;
  readonly place: Place | null;
  readonly how: string;
}

/** The findings that no suppression covers, and those about suppressions. */
export const suppress = (
  findings: readonly Finding[],
  facts: Facts,
  comments: readonly Comment[],
  settings: Readonly<Record<string, string>>,
  placeOf: (state: string, transition: string | null) => Place | null,
): readonly Finding[] => {
  const own = comments.length === 0 ? [] : comments.filter(isWithin(placesOf(facts, placeOf)));
  const suppressions = [...inMeta(facts, placeOf), ...own.map(inComment)];
  const left = findings.filter(
    (finding) => !suppressions.some((each) => each.rule === finding.rule && each.covers(finding)),
  );
  return [...left, ...suppressions.flatMap((each) => faultsOf(each, findings, settings))];
};

/** A module may have several machines, each with comments of its own. */
const isWithin =
  (places: readonly Place[]) =>
  ({ place: { path }, line }: Comment): boolean =>
    line === null ||
    (places.some((each) => each.path === path && each.line <= line) &&
      places.some((each) => each.path === path && each.line >= line));

/** Of all that findings may be about. */
const placesOf = (
  { states }: Facts,
  placeOf: (state: string, transition: string | null) => Place | null,
): readonly Place[] =>
  states
    .flatMap(({ id, transitions }) => [placeOf(id, null), ...transitions.map((each) => placeOf(id, each.id))])
    .filter((place) => place !== null);

const inMeta = (
  facts: Facts,
  placeOf: (state: string, transition: string | null) => Place | null,
): readonly Suppression[] =>
  facts.states.flatMap((state) => [
    ...entriesIn(state.meta).map(([rule, reason]) => ({
      rule,
      reason,
      covers: (finding: Finding) =>
        finding.state !== null && (state.parent === null || finding.state === state.id),
      state: state.id,
      transition: null,
      place: placeOf(state.id, null),
      how: `meta.lint of ${facts.name(state.id)}`,
    })),
    ...state.transitions.flatMap(({ id, meta }) =>
      entriesIn(meta).map(([rule, reason]) => ({
        rule,
        reason,
        covers: (finding: Finding) => finding.transition === id,
        state: state.id,
        transition: id,
        place: placeOf(state.id, id),
        how: `meta.lint of ${id}`,
      })),
    ),
  ]);

/** `meta: { lint: { rule: reason } }`. */
const entriesIn = (meta: Written | null): readonly (readonly [rule: string, reason: string])[] => {
  if (meta?.kind !== 'value' || meta.json === null) return [];
  const { lint } = JSON.parse(meta.json) as { readonly lint?: unknown };
  if (typeof lint !== 'object' || lint === null) return [];
  return Object.entries(lint).map(([rule, reason]) => [
    rule,
    typeof reason === 'string' ? reason.trim() : '',
  ]);
};

const inComment = ({ rule, reason, place, line }: Comment): Suppression => ({
  rule,
  reason,
  covers: (finding) => line === null || (finding.place?.path === place.path && finding.place.line === line),
  state: null,
  transition: null,
  place,
  how: `the comment in line ${place.line}`,
});

const faultsOf = (
  { rule, reason, covers, state, transition, place, how }: Suppression,
  findings: readonly Finding[],
  settings: Readonly<Record<string, string>>,
): readonly Finding[] => {
  const at = { severity: 'warning', state, transition, place } as const;
  const without: Finding = {
    ...at,
    rule: 'suppression-without-reason',
    message: `A suppression of ${rule} gives no reason (${how}). Say why: in a comment after --, in meta.lint as the text of the rule.`,
  };
  const unused = (why: string, remedy: string): Finding => ({
    ...at,
    rule: 'unused-suppression',
    message: `A suppression of ${rule} has nothing to suppress (${how}): ${why}. ${remedy}`,
  });
  return [
    ...(reason === '' ? [without] : []),
    ...(rules.every(({ name }) => name !== rule)
      ? [unused('there is no rule of that name', 'Correct the name, or remove the suppression.')]
      : settings[rule] !== 'off' && !findings.some((finding) => finding.rule === rule && covers(finding))
        ? [unused('the rule finds nothing there', 'Remove it.')]
        : []),
  ];
};
