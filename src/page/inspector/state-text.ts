/** A state value in one line: `lit.dim`; of parallel regions `lamp.lit, fan.off`. */
export const stateText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, below]) => [key, stateText(below)].filter(Boolean).join('.'))
    .join(', ');
};
