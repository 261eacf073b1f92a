/** As JSON carries bytes. Works without Node.js. */
export const bytesOfBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export const base64Of = (bytes: Uint8Array): string => {
  let text = '';
  // In parts: a call takes some ten thousand arguments at most.
  for (let at = 0; at < bytes.length; at += partBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + partBytes));
  return btoa(text);
};

const partBytes = 8192;
