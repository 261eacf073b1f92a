/** The grammar of the flags of `raftchart explore`: docs/explorer.md. Each parser throws an `Error` of one line. */

const unitBytes: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9 };

/** `2GB`, `512MB`: bytes. */
export const parseBytes = (text: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(MB|GB)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(amount) * unitBytes[(unit ?? '').toUpperCase()]!);
  if (amount === undefined || bytes < 1)
    throw new Error(`expected an amount such as 512MB or 2GB, got "${text}"`);
  return bytes;
};

/** A whole number within bounds, both included. */
export const parseBetween =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
      throw new Error(`expected a whole number from ${min} to ${max}, got "${text}"`);
    }
    return value;
  };
