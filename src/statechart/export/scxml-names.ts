/*
 * Names that SCXML takes, from names that XState takes. Both ways are one to one, so no two names become one.
 *
 * An id is an XML name without colons. A character that cannot stand in one becomes `_xHHHH_`, its code point in hexadecimal, as in
 * ISO 9075-14; so does an underscore before an `x`, which would look like such an escape. Letters of any script stay as they are.
 * The name of an event is one or more tokens between dots, where SCXML takes a prefix for a match; a token is written the same way, but
 * a digit, a hyphen and a colon may start it. `_x` stands for an empty token, and `_x` with anything but hexadecimal digits and an underscore
 * behind it, such as `_xdone`, is in no encoded name: names of our own end with it.
 */

/** The one variable of a document. Its id is one too. */
export const contextVariable = 'context';

/** An id of XState as an id of SCXML. */
export const scxmlId = (id: string): string => {
  if (id === contextVariable) return escapeOf(id[0]!) + id.slice(1);
  const written = encoded(id, (char, at, all) => {
    if (isIdStart(char)) return true;
    if (char === '.') return at > 0 && at < all.length - 1 && all[at - 1] !== '.';
    return at > 0 && isDigitOrHyphen(char);
  });
  return written === '' ? emptyToken : written;
};

/** A type of event as the name of an event of SCXML, dots as they are. Names that SCXML has for itself are not taken. */
export const scxmlEventName = (type: string): string => {
  const name = tokensOf(type);
  return isOfScxml(name) ? escapeOf(name[0]!) + name.slice(1) : name;
};

/** What `scxmlEventName` makes of a type that XState itself makes up, such as a timer's, which stays as it is. */
export const tokensOf = (type: string): string =>
  type
    .split('.')
    .map((token) => encoded(token, (char) => isIdStart(char) || isDigitOrHyphen(char) || char === ':'))
    .map((token) => token || emptyToken)
    .join('.');

/** True for what an interpreter raises itself, and for what this export calls an event of an invoked actor. */
const isOfScxml = (name: string): boolean =>
  /^(done\.(state|invoke)|error\.(execution|communication|platform|invoke))(\.|$)/.test(name);

const emptyToken = '_x';

const encoded = (
  name: string,
  isAllowed: (char: string, at: number, all: readonly string[]) => boolean,
): string =>
  [...name]
    .map((char, at, all) =>
      isAllowed(char, at, all) && !(char === '_' && all[at + 1] === 'x') ? char : escapeOf(char),
    )
    .join('');

const escapeOf = (char: string): string =>
  `_x${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}_`;

const isIdStart = (char: string): boolean =>
  /^[A-Za-z_]$/.test(char) || (isLetter(char) && startsNames(char));

const isDigitOrHyphen = (char: string): boolean => /^[0-9-]$/.test(char);

const isLetter = (char: string): boolean => /^\p{L}$/u.test(char);

/** Within the characters that may start a name in XML 1.0, less those above the basic plane, which its earlier editions do not know. */
const startsNames = (char: string): boolean =>
  /^[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u2071-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd]$/.test(
    char,
  );
