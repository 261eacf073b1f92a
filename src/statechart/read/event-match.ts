/** Whether XState gives an event of this type to a transition that is written for `descriptor`: `*`, `mouse.*` or a type. An empty type is no event. */
export const isMatch = (descriptor: string, type: string): boolean => {
  if (descriptor === type) return true;
  if (type === '' || !isWildcard(descriptor)) return false;
  if (descriptor === '*') return true;
  const prefix = prefixOf(descriptor);
  return type === prefix || type.startsWith(`${prefix}.`);
};

/** `*`, or what ends with `.*` and has no other token `*`; a star anywhere else is a letter like any other. */
export const isWildcard = (descriptor: string): boolean =>
  descriptor === '*' || (descriptor.endsWith('.*') && !prefixOf(descriptor).split('.').includes('*'));

const prefixOf = (descriptor: string): string => descriptor.slice(0, -'.*'.length);

/** A word that no chart uses. */
const any = 'any\u0000other';

/**
 * Types of events that stand for all that match `descriptor`: whichever transitions some event of these would be offered, one of them
 * is. `known`: all descriptors of the chart.
 */
export const typesFor = (descriptor: string, known: readonly string[]): readonly string[] => {
  if (!isWildcard(descriptor)) return [descriptor];
  const others = known.filter((each) => !isWildcard(each) && isMatch(descriptor, each));
  if (descriptor === '*') return [any, ...others];
  const prefix = prefixOf(descriptor);
  return [`${prefix}.${any}`, prefix, ...others];
};
