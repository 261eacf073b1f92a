/** An attribute with a space before it; nothing for null. */
export const attribute = (name: string, value: string | null): string =>
  value === null ? '' : ` ${name}="${escapeXml(value)}"`;

/** An element of lines: its attributes, and what is in it. */
export const element = (
  name: string,
  attributes: readonly string[],
  inner: readonly string[] = [],
): readonly string[] => {
  const open = `<${name}${attributes.join('')}`;
  return inner.length === 0 ? [`${open}/>`] : [`${open}>`, ...inner.map((line) => `  ${line}`), `</${name}>`];
};

/** An element in one line. */
export const inOneLine = (name: string, attributes: readonly string[], inner = ''): string =>
  inner === '' ? `<${name}${attributes.join('')}/>` : `<${name}${attributes.join('')}>${inner}</${name}>`;

/**
 * Any text, in an element or an attribute: a character that XML has no way to write becomes U+FFFD, and white space is kept, which a
 * parser would turn into spaces in an attribute.
 */
export const escapeXml = (text: string): string =>
  text
    .replace(notInXml, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`);

/** A name of any characters, for an attribute: as in a string of JavaScript, `\u0001` where XML has no way to write a character. */
export const nameText = (name: string): string =>
  name.replaceAll('\\', '\\\\').replace(notInXml, (char) => codeUnits(char));

/** XML 1.0, production 2: halves of pairs are forbidden with the control characters. */
const notInXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** JSON, or a string of it, as an expression of ECMAScript that may stand in XML. */
export const asExpression = (json: string): string => json.replace(notInSource, (char) => codeUnits(char));

const notInSource = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const codeUnits = (char: string): string =>
  [...Array(char.length).keys()]
    .map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');

/** A string as an expression of ECMAScript in single quotes, which an attribute need not escape. */
export const quoted = (text: string): string =>
  `'${asExpression(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'"))}'`;
