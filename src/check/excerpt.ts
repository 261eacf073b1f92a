/** A value on one short line. */
export const excerpt = (value: unknown, length = 40): string => {
  const text = typeof value === 'string' ? JSON.stringify(value) : textOf(value);
  return shortened(text, length);
};

export const shortened = (text: string, length = 40): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) ?? String(value);
