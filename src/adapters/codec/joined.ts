/** All pieces in one plain Uint8Array, never a Buffer, whose views would be Buffers; a view if there is only one piece. */
export const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1)
    return new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};
