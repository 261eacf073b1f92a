/** `follower.leased` for a chart's state value; of parallel regions only their parent, since each has one child. */
export const stateName = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[state, child], ...others] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  if (others.length > 0) return '';
  const path = stateName(child);
  return path === '' ? state : `${state}.${path}`;
};
