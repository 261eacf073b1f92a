/**
 * A text as one line that every renderer can show: what breaks a line is written as a sign (`↵`), what has no picture or turns other
 * text round as its code (`⟨U+202E⟩`).
 */
export const readable = (text: string): string =>
  text
    .replace(/\r\n|\n/g, '↵')
    .replace(/\t/g, '⇥')
    .replace(
      unshowable,
      (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
    );

/** The joiner of emoji (U+200D) stays, and so do the isolates that `isolated` puts around words. */
const unshowable =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066\u2067\ufeff\ufff9-\ufffb]/gu;

/** The lines of a sentence that may have several. */
export const readableLines = (text: string): readonly string[] => text.split(/\r\n|\n/).map(readable);

/** A line in which words that run from right to left do not reorder what stands beside them. */
export const isolated = (line: string): string => line.replace(rightToLeft, '\u2068$&\u2069');

const rightToLeft =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe](?:[^[\]/→()]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe])?/gu;
