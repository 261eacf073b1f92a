import { isolated, readable } from './readable.ts';

/** A text as it may stand in quotes, in a line of a state and on an arrow: what Mermaid or Markdown would take for its own is an entity. */
export const mermaidText = (text: string): string =>
  isolated(readable(text))
    .replace(special, entity)
    .replace(/direction(?=\s+(?:TB|BT|RL|LR))/gi, (word) => `${entity(word[0]!)}${word.slice(1)}`);

/**
 * Signs that end a statement or a text, entities, comments, tags, emphasis and code of Markdown, and what would start a list or a
 * rule at the beginning.
 */
const special =
  /["#&:;<>`\\*~\u00a0]|%(?=%)|(?<=%)%|\$(?=\$)|(?<=\$)\$|\[(?=\[)|(?<=\[)\[|(?<![\p{L}\p{N}_])_|_(?![\p{L}\p{N}_])|^[-+=]|(?<=^\d+)[.)]|^ | $| (?= )/gu;

const entity = (sign: string): string => {
  const name = { '"': 'quot', '&': 'amp', '<': 'lt', '>': 'gt' }[sign];
  if (name !== undefined) return `#${name};`;
  // A space that is kept, where others are drawn as one or not at all.
  return sign === ' ' ? '#160;' : `#${sign.codePointAt(0)};`;
};

/** Ids for the things of one diagram: each as near to its name as Mermaid allows, no two alike. */
export class MermaidIds {
  readonly #ids = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The id of what has this name, always the same. */
  of(name: string): string {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const wanted = wantedIdOf(name);
    let id = wanted;
    for (let count = 2; this.#taken.has(id.toLowerCase()); count++) id = `${wanted}_${count}`;
    this.#taken.add(id.toLowerCase());
    this.#ids.set(name, id);
    return id;
  }
}

const wantedIdOf = (name: string): string => {
  const letters = name.replace(/[^ -~]/gu, '').replace(/[^A-Za-z0-9]+/g, '_');
  const id = /^[A-Za-z]/.test(letters) ? letters : `s${/[A-Za-z0-9]/.test(letters) ? `_${letters}` : ''}`;
  return ownWords.test(id) ? `${id}_` : id;
};

/** Words that start a statement, and the ids that Mermaid gives to the marks of a start and an end. */
const ownWords =
  /^(?:state|note|class|classdef|style|click|href|default|direction|hide|scale|acctitle|accdescr|end|as|root|fork|join|choice)$|_(?:start|end)$/i;
