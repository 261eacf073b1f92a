import { readableLines } from './readable.ts';

/**
 * Widths of text, so that boxes fit their text wherever they are drawn. Code is set in a monospaced face of 0.602 em (DejaVu Sans
 * Mono, Menlo; Courier and Liberation Mono are narrower by a hair), prose with the widths of Helvetica, which Arial and
 * Liberation Sans share. Each text also carries its width as `textLength`, so that no other face can overflow.
 */
export type Face = 'code' | 'strong' | 'prose';

export const fontFamilies: Readonly<Record<Face, string>> = {
  code: "'DejaVu Sans Mono', Menlo, 'Liberation Mono', Consolas, 'Courier New', monospace",
  strong: "'DejaVu Sans Mono', Menlo, 'Liberation Mono', Consolas, 'Courier New', monospace",
  prose: "Helvetica, Arial, 'Liberation Sans', sans-serif",
};

const monospacedEm = 0.602;

/** Signs as wide as they are high, also in a monospaced face. */
const isWide = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u.test(
    character,
  );

const codeEm = (character: string): number => (isWide(character) ? 1 : monospacedEm);

/** Advance widths of Helvetica in thousandths of an em, from the space (32) to the tilde (126). */
const helvetica = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

const others: Readonly<Record<string, number>> = {
  '§': 556,
  '·': 278,
  '–': 556,
  '’': 222,
  '→': 1000,
  '…': 1000,
};

const proseEm = (character: string): number =>
  (helvetica[character.charCodeAt(0) - 32] ?? others[character] ?? 1000) / 1000;

/** Width in pixels at `size`, to a tenth of a pixel, rounded up. */
export const textWidth = (text: string, face: Face, size: number): number => {
  const characters = [...text];
  const em = characters.reduce(
    (sum, character) => sum + (face === 'prose' ? proseEm(character) : codeEm(character)),
    0,
  );
  return Math.ceil(em * size * 10) / 10;
};

/** Breaks at spaces into lines no wider than `width`, and where the text breaks itself; a single word that is wider stands alone. */
export const wrapText = (text: string, face: Face, size: number, width: number): readonly string[] =>
  readableLines(text).flatMap((line) => wrapLine(line, face, size, width));

const wrapLine = (text: string, face: Face, size: number, width: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, face, size) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line === '' ? lines : [...lines, line];
};
