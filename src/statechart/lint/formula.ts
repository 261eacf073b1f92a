/*
 * What guards say, as formulas over variables with few values each. A variable stands for what a guard reads: the answer of a named
 * guard, or a part of the context or of the event, such as `context.count`. All guards that are asked for one event read the same.
 */

/** A value that a guard may read. `other` stands for any that no guard mentions. */
export type Sample = number | string | boolean | null | undefined;

export type Formula =
  | boolean
  | { readonly op: 'and' | 'or'; readonly parts: readonly Formula[] }
  | { readonly op: 'not'; readonly part: Formula }
  | Atom;

export interface Atom {
  readonly op: 'atom';
  readonly variable: string;
  /** The values that this atom tells apart; those of all atoms of a variable are tried. Empty for a plain yes or no. */
  readonly mentions: readonly Sample[];
  readonly holds: (value: Sample) => boolean;
}

export const conjunction = (parts: readonly Formula[]): Formula => joined('and', parts, false);
export const disjunction = (parts: readonly Formula[]): Formula => joined('or', parts, true);

export const negation = (part: Formula): Formula => {
  if (typeof part === 'boolean') return !part;
  return part.op === 'not' ? part.part : { op: 'not', part };
};

/** `decides`: the constant that settles the whole. */
const joined = (op: 'and' | 'or', parts: readonly Formula[], decides: boolean): Formula => {
  if (parts.includes(decides)) return decides;
  const open = parts.filter((part) => typeof part !== 'boolean');
  if (open.length === 0) return !decides;
  return open.length === 1 ? open[0]! : { op, parts: open };
};

/** The answer to a question of which nothing is known but that it is answered with yes or no. */
export const unknown = (variable: string): Formula => ({
  op: 'atom',
  variable,
  mentions: [],
  holds: (value) => value === true,
});

/** Values of variables, by their names. */
export type Assignment = ReadonlyMap<string, Sample>;

/** More combinations of values than this are not tried. */
const maxTried = 20_000;

/** Values for which `formula` holds; null if there are none, `tooMany` if there are too many variables to tell. */
export const solutionOf = (formula: Formula): Assignment | 'tooMany' | null => {
  const domains = domainsOf(formula);
  if (domains.reduce((product, [, values]) => product * values.length, 1) > maxTried) return 'tooMany';
  const assignment = new Map<string, Sample>();
  const search = (at: number): boolean => {
    if (at === domains.length) return holds(formula, assignment);
    const [variable, values] = domains[at]!;
    return values.some((value) => {
      assignment.set(variable, value);
      return search(at + 1);
    });
  };
  return search(0) ? assignment : null;
};

/** False only if `formula` surely holds for no values. */
export const mayHold = (formula: Formula): boolean =>
  typeof formula === 'boolean' ? formula : solutionOf(formula) !== null;

export const holds = (formula: Formula, values: Assignment): boolean => {
  if (typeof formula === 'boolean') return formula;
  switch (formula.op) {
    case 'and':
      return formula.parts.every((part) => holds(part, values));
    case 'or':
      return formula.parts.some((part) => holds(part, values));
    case 'not':
      return !holds(formula.part, values);
    case 'atom':
      return formula.holds(values.get(formula.variable));
  }
};

/** All atoms, those of a name several times. */
export const atomsOf = (formula: Formula): readonly Atom[] => {
  if (typeof formula === 'boolean') return [];
  switch (formula.op) {
    case 'atom':
      return [formula];
    case 'not':
      return atomsOf(formula.part);
    default:
      return formula.parts.flatMap(atomsOf);
  }
};

/** The variables of a formula, each with the values to try. */
export const domainsOf = (
  formula: Formula,
): readonly (readonly [variable: string, values: readonly Sample[]])[] => {
  const mentions = new Map<string, Set<Sample>>();
  for (const atom of atomsOf(formula)) {
    const known = mentions.get(atom.variable) ?? new Set();
    mentions.set(atom.variable, known);
    for (const value of atom.mentions) known.add(value);
  }
  return [...mentions].map(([variable, values]) => [variable, samplesAround([...values])]);
};

/** The values themselves, one between each two numbers, one beyond each end, and one of each other kind. */
const samplesAround = (mentioned: readonly Sample[]): readonly Sample[] => {
  if (mentioned.length === 0) return [true, false];
  const numbers = mentioned.filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
  const between = numbers.slice(1).map((number, at) => betweenOf(numbers[at]!, number));
  const beyond = numbers.length === 0 ? [] : [numbers[0]! - 1, numbers.at(-1)! + 1];
  const kinds: readonly Sample[] = [undefined, null, true, false, 'any other text'];
  return [...new Set<Sample>([...numbers, ...between, ...beyond, ...mentioned, ...kinds])];
};

/** A whole number where there is one. */
const betweenOf = (low: number, high: number): number => {
  const whole = Math.floor(low) + 1;
  return whole < high ? whole : (low + high) / 2;
};
