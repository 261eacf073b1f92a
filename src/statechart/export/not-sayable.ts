/** A format has no words for a part of a chart: one line that names the part and its place. */
export class NotSayable extends Error {
  override readonly name = 'NotSayable';

  /** `place`: an id, or what the user wrote. */
  constructor(format: string, feature: string, place: string) {
    super(`${format} cannot say ${feature}: ${onOneLine(place)}`);
  }
}

const onOneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => escaped(char));

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
