/** The bytes that a percent-encoded part of a request target stands for, one character each, as keys have them in the store; null: it is not percent-encoded. */
export const bytesEncodedIn = (encoded: string): string | null => {
  if (!isEncoded.test(encoded)) return null;
  if (!encoded.includes('%')) return encoded;
  return encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
};

/** Visible ASCII without `?`, `#` and `/`, with two hexadecimal digits behind each `%`. */
const isEncoded = /^(?:[!"$&-.0->@-~]|%[\da-f]{2})*$/i;
