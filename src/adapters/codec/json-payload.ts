/** A payload in JSON: as text if nothing is lost by that, otherwise in base64. */
export type JsonPayload = { readonly text: string } | { readonly payload: string };

export const payloadJson = (payload: Uint8Array): JsonPayload => {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const text = bytes.toString('utf8');
  if (!unreadable.test(text) && Buffer.from(text).equals(bytes)) return { text };
  return { payload: bytes.toString('base64') };
};

const unreadable = /[^\P{C}\n\t]/u;

/** Inverse of `payloadJson`; null: this is no base64. */
export const payloadIn = (json: JsonPayload): Uint8Array | null =>
  'text' in json ? Buffer.from(json.text, 'utf8') : bytesIn(json.payload);

/** The bytes that `text` is in base64; null: it is something else. */
export const bytesIn = (text: string): Uint8Array | null => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
};

/** What can be read of `payload`, for people: a dot for the rest. */
export const shownPayload = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    .toString('utf8')
    .replaceAll(/[\p{C}\uFFFD]+/gu, '·');
