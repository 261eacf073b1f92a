import { compileFunction } from 'node:vm';
import { descendants, type XmlElement } from '../draw/xml-tree.ts';

/*
 * SCXML 1.0, the W3C recommendation of 1 September 2015, as data: elements with their attributes and children (sections 3 to 6), data types
 * (the schema in appendix C), and what is written beside it in words.
 */

type DataType =
  | 'ID'
  | 'IDREF'
  | 'IDREFS'
  | 'NMTOKEN'
  | 'event'
  | 'events'
  | 'duration'
  | 'uri'
  | 'target'
  | 'expression'
  | 'location'
  | 'text'
  | readonly string[];

interface Rule {
  /** With `!` behind its name: required. */
  readonly attributes: Readonly<Record<string, DataType>>;
  readonly children: readonly string[];
  /** Of each list at most one, be it an attribute or `<child>`; exactly one where it ends in `!`. */
  readonly oneOf?: readonly (readonly string[])[];
  readonly hasText?: true;
}

const executable = ['raise', 'if', 'foreach', 'log', 'assign', 'script', 'send', 'cancel'];

const grammar: Readonly<Record<string, Rule>> = {
  scxml: {
    attributes: {
      'version!': ['1.0'],
      initial: 'IDREFS',
      name: 'NMTOKEN',
      datamodel: 'NMTOKEN',
      binding: ['early', 'late'],
      'xmlns!': ['http://www.w3.org/2005/07/scxml'],
    },
    children: ['state', 'parallel', 'final', 'datamodel', 'script'],
  },
  state: {
    attributes: { id: 'ID', initial: 'IDREFS' },
    children: [
      'onentry',
      'onexit',
      'transition',
      'initial',
      'state',
      'parallel',
      'final',
      'history',
      'datamodel',
      'invoke',
    ],
    oneOf: [['initial', '<initial>']],
  },
  parallel: {
    attributes: { id: 'ID' },
    children: ['onentry', 'onexit', 'transition', 'state', 'parallel', 'history', 'datamodel', 'invoke'],
  },
  initial: { attributes: {}, children: ['transition'] },
  final: { attributes: { id: 'ID' }, children: ['onentry', 'onexit', 'donedata'] },
  history: { attributes: { id: 'ID', type: ['deep', 'shallow'] }, children: ['transition'] },
  transition: {
    attributes: { event: 'events', cond: 'expression', target: 'IDREFS', type: ['internal', 'external'] },
    children: executable,
  },
  onentry: { attributes: {}, children: executable },
  onexit: { attributes: {}, children: executable },
  raise: { attributes: { 'event!': 'NMTOKEN' }, children: [] },
  log: { attributes: { label: 'text', expr: 'expression' }, children: [] },
  assign: { attributes: { 'location!': 'location', expr: 'expression' }, children: [] },
  script: { attributes: { src: 'uri' }, children: [], hasText: true },
  send: {
    attributes: {
      event: 'event',
      eventexpr: 'expression',
      target: 'target',
      targetexpr: 'expression',
      type: 'uri',
      typeexpr: 'expression',
      id: 'ID',
      idlocation: 'location',
      delay: 'duration',
      delayexpr: 'expression',
      namelist: 'text',
    },
    children: ['content', 'param'],
    oneOf: [
      ['event', 'eventexpr', '!'],
      ['target', 'targetexpr'],
      ['type', 'typeexpr'],
      ['id', 'idlocation'],
      ['delay', 'delayexpr'],
      ['namelist', '<content>'],
      ['<param>', '<content>'],
    ],
  },
  cancel: {
    attributes: { sendid: 'IDREF', sendidexpr: 'expression' },
    children: [],
    oneOf: [['sendid', 'sendidexpr', '!']],
  },
  datamodel: { attributes: {}, children: ['data'] },
  data: {
    attributes: { 'id!': 'ID', src: 'uri', expr: 'expression' },
    children: [],
    oneOf: [['src', 'expr']],
  },
  donedata: { attributes: {}, children: ['content', 'param'], oneOf: [['<content>', '<param>']] },
  content: { attributes: { expr: 'expression' }, children: [] },
  param: {
    attributes: { 'name!': 'NMTOKEN', expr: 'expression', location: 'location' },
    children: [],
    oneOf: [['expr', 'location']],
  },
  invoke: {
    attributes: {
      type: 'uri',
      typeexpr: 'expression',
      src: 'uri',
      srcexpr: 'expression',
      id: 'ID',
      idlocation: 'location',
      namelist: 'text',
      autoforward: ['true', 'false'],
    },
    children: ['param', 'finalize', 'content'],
    oneOf: [
      ['type', 'typeexpr'],
      ['src', 'srcexpr', '<content>'],
      ['id', 'idlocation'],
      ['namelist', '<param>'],
    ],
  },
};

const start =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd';
const more = `${start}\\-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040`;
const token = `[${start}:0-9-]+`;
const eventName = `${token}(?:\\.${token})*`;
const descriptor = `(?:\\*|${eventName}(?:\\.\\*)?)`;

const patterns: Readonly<Record<string, RegExp>> = {
  ID: new RegExp(`^[${start}][${more}]*$`),
  IDREF: new RegExp(`^[${start}][${more}]*$`),
  IDREFS: new RegExp(`^[${start}][${more}]*(?: [${start}][${more}]*)*$`),
  NMTOKEN: new RegExp(`^[${more}:]+$`),
  event: new RegExp(`^${eventName}$`),
  events: new RegExp(`^${descriptor}(?: ${descriptor})*$`),
  duration: /^\d*(\.\d+)?(ms|s|m|h|d)$/,
  uri: /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/,
  target: /^#_\S+$/,
  location: /^[A-Za-z_$][\w$]*$/,
  text: /^/,
};

const states = ['state', 'parallel', 'final', 'history'];

/** What of a document is not as the recommendation says. */
export const scxmlFaults = (document: XmlElement): readonly string[] => {
  const all = descendants(document);
  const ids = all.flatMap(({ attributes }) => attributes.id ?? []);
  const stateIds = new Set(
    all.filter(({ name }) => states.includes(name)).flatMap(({ attributes }) => attributes.id ?? []),
  );
  const sendIds = new Set(
    all.filter(({ name }) => name === 'send').flatMap(({ attributes }) => attributes.id ?? []),
  );
  const refersTo = ({ name, attributes }: XmlElement): readonly string[] => [
    ...[attributes.initial, attributes.target].flatMap((list) =>
      list === undefined || list.startsWith('#_') ? [] : list.split(' ').filter((id) => !stateIds.has(id)),
    ),
    ...(name === 'cancel' && attributes.sendid !== undefined && !sendIds.has(attributes.sendid)
      ? [attributes.sendid]
      : []),
  ];
  return [
    ...(document.name === 'scxml' ? [] : [`the document is a <${document.name}>`]),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `the id ${id} stands twice`),
    ...all.flatMap(refersTo).map((id) => `nothing has the id ${id}`),
    ...all.flatMap(ownFaults),
    ...placeFaults(document, []),
  ];
};

const ownFaults = (element: XmlElement): readonly string[] => {
  const { name, attributes, children, text } = element;
  const rule = grammar[name];
  if (rule === undefined) return [`<${name}> is not of SCXML`];
  const known = new Map(Object.entries(rule.attributes).map(([key, type]) => [key.replace('!', ''), type]));
  const own = Object.keys(attributes).filter((key) => !key.includes(':'));
  const has = (part: string): boolean =>
    part.startsWith('<')
      ? children.some((child) => `<${child.name}>` === part)
      : attributes[part] !== undefined;
  return [
    ...Object.keys(attributes).filter((key) => key.includes(':') && !/^(rule|xmlns):/.test(key)),
    ...Object.keys(rule.attributes)
      .filter((key) => key.endsWith('!') && !has(key.slice(0, -1)))
      .map((key) => `<${name}> lacks ${key}`),
    ...own.filter((key) => !known.has(key)).map((key) => `<${name}> has ${key}`),
    ...own.flatMap((key) =>
      valueFaults(known.get(key) ?? 'text', attributes[key]!).map((fault) => `${key} of <${name}> ${fault}`),
    ),
    ...children
      .filter((child) => !rule.children.includes(child.name))
      .map((child) => `<${child.name}> in <${name}>`),
    ...(rule.oneOf ?? []).flatMap((parts) => {
      const number = parts.filter(has).length;
      return number > 1 || (number === 0 && parts.includes('!'))
        ? [`<${name}> has ${number} of ${parts.join(', ')}`]
        : [];
    }),
    ...(rule.hasText ? scriptFaults(text) : text.trim() === '' ? [] : [`text in <${name}>: ${text}`]),
  ];
};

const valueFaults = (type: DataType, value: string): readonly string[] => {
  if (type === 'expression') return scriptFaults(`(${value}\n)`);
  const fits = Array.isArray(type) ? type.includes(value) : patterns[type as string]!.test(value);
  return fits ? [] : [`is no ${Array.isArray(type) ? type.join(' or ') : type}: ${JSON.stringify(value)}`];
};

const scriptFaults = (code: string): readonly string[] => {
  try {
    compileFunction(code);
    return [];
  } catch (fault) {
    return [`is no ECMAScript: ${code}: ${(fault as Error).message}`];
  }
};

/** What depends on where an element stands. `around`: the elements that it stands in, from the inside. */
const placeFaults = (element: XmlElement, around: readonly XmlElement[]): readonly string[] => {
  const { name, attributes, children } = element;
  const [parent, grandparent] = around;
  const count = (tag: string): number => children.filter((child) => child.name === tag).length;
  const targets =
    attributes.target === undefined || name !== 'transition' ? [] : attributes.target.split(' ');
  const inside = (from: XmlElement | undefined): readonly string[] =>
    from === undefined
      ? []
      : descendants(from)
          .slice(1)
          .flatMap((each) => each.attributes.id ?? []);
  const faults: (readonly [isFault: boolean, text: string])[] = [
    [name === 'scxml' && states.every((tag) => count(tag) === 0), 'a document without a state'],
    [name === 'initial' && count('transition') !== 1, 'an initial with other than one transition'],
    [name === 'history' && count('transition') !== 1, 'a history with other than one transition'],
    [count('datamodel') > 1 || count('donedata') > 1 || count('initial') > 1, `two of one kind in <${name}>`],
    [
      name === 'state' &&
        (attributes.initial !== undefined || count('initial') > 0) &&
        states.every((tag) => count(tag) === 0),
      'an initial state of a state without any',
    ],
    [
      (name === 'state' || name === 'scxml') &&
        (attributes.initial?.split(' ') ?? []).some((id) => !inside(element).includes(id)),
      `an initial state outside of ${attributes.id}`,
    ],
    [
      name === 'transition' &&
        attributes.event === undefined &&
        attributes.cond === undefined &&
        targets.length === 0,
      'a transition without event, condition and target',
    ],
    [
      name === 'transition' &&
        (parent?.name === 'initial' || parent?.name === 'history') &&
        (attributes.event !== undefined ||
          attributes.cond !== undefined ||
          targets.length === 0 ||
          targets.some((id) => !inside(grandparent).includes(id))),
      `a way into ${grandparent?.attributes.id} that has an event or a condition, or leads out of it`,
    ],
    [
      name === 'send' &&
        attributes.target === '#_internal' &&
        (attributes.delay ?? attributes.delayexpr) !== undefined,
      'an internal event with a delay',
    ],
    [
      !areTogether(around.at(-1) ?? element, targets),
      `states that are not active together: ${targets.join(' ')}`,
    ],
  ];
  return [
    ...faults.filter(([isFault]) => isFault).map(([, text]) => text),
    ...children.flatMap((child) => placeFaults(child, [element, ...around])),
  ];
};

/** True if there is a time when all of these states are active. */
const areTogether = (document: XmlElement, ids: readonly string[]): boolean => {
  const pathTo = (id: string, from: XmlElement): readonly XmlElement[] => {
    if (from.attributes.id === id && states.includes(from.name)) return [from];
    const path = from.children.map((child) => pathTo(id, child)).find((each) => each.length > 0);
    return path === undefined ? [] : [from, ...path];
  };
  const paths = ids.map((id) => pathTo(id, document));
  return paths.every((one, at) =>
    paths.slice(at + 1).every((other) => {
      const parting = one.findIndex((each, depth) => each !== other[depth]);
      return parting > 0 && other[parting] !== undefined && one[parting - 1]!.name === 'parallel';
    }),
  );
};
