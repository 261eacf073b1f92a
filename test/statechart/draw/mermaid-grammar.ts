/**
 * The part of Mermaid's language that this project writes, and nothing else: stricter than its parser, which takes an id that was
 * never declared for a new state. Returns what is wrong, a line each.
 */
export const mermaidFaults = (text: string): readonly string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) !== '') return ['the last line does not end'];
  const [first, ...rest] = lines.slice(0, -1);
  if (first === 'flowchart TD') return rest.flatMap((line) => faultsOfFlow(line.trim()));
  if (first !== 'stateDiagram-v2') return [`starts with ${first}`];
  const declared = new Map<string, number>();
  const used = new Set<string>();
  const faults: string[] = [];
  let depth = 0;
  for (const line of rest.map((each) => each.trim())) {
    const form = stateForms.find(({ pattern }) => pattern.test(line));
    if (form === undefined) {
      faults.push(`not a statement: ${line}`);
      continue;
    }
    const groups = form.pattern.exec(line)?.groups ?? {};
    for (const id of [groups.from, groups.to, groups.of]) if (id !== undefined && id !== '[*]') used.add(id);
    if (groups.id !== undefined) declared.set(groups.id, (declared.get(groups.id) ?? 0) + 1);
    faults.push(...[groups.title, groups.text].flatMap((each) => faultsOfText(each ?? '')));
    depth += form.opens ?? 0;
  }
  return [
    ...faults,
    ...(depth === 0 ? [] : [`${depth} braces are left open`]),
    ...[...declared].filter(([, times]) => times > 1).map(([id]) => `${id} is declared twice`),
    ...[...used].filter((id) => !declared.has(id)).map((id) => `${id} is not declared`),
    ...[...declared.keys()].filter((id) => reserved.test(id)).map((id) => `${id} is a word of Mermaid`),
  ];
};

const stateForms: readonly { readonly pattern: RegExp; readonly opens?: number }[] = [
  { pattern: /^direction TB$/ },
  { pattern: /^--$/ },
  { pattern: /^\}$/, opens: -1 },
  { pattern: /^state "(?<title>[^"]*)" as (?<id>[A-Za-z]\w*)$/ },
  { pattern: /^state "(?<title>[^"]*)" as (?<id>[A-Za-z]\w*) \{$/, opens: 1 },
  { pattern: /^(?<from>\[\*\]|[A-Za-z]\w*) --> (?<to>\[\*\]|[A-Za-z]\w*)( : (?<text>.*))?$/ },
  { pattern: /^(?<of>[A-Za-z]\w*) : (?<text>.+)$/ },
];

/** Words that start a statement, and ids that Mermaid gives to its own marks. */
const reserved =
  /^(state|note|class|classdef|style|click|href|default|direction|hide|scale|acctitle|accdescr|end|as|root|fork|join|choice)$|_(start|end)$/i;

const faultsOfText = (text: string): readonly string[] => {
  const bare = text.replace(/#\w+;/g, '').replace(/<br\/>/g, '');
  return [
    ...(bare.match(/[:;#<>"\\`*]|%%|\[\[/g) ?? []).map((mark) => `${mark} in ${text}`),
    ...(/direction\s+(TB|BT|LR|RL)/i.test(bare) ? [`a statement in ${text}`] : []),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    ...(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066\u2067]/.test(bare)
      ? [`a control character in ${JSON.stringify(text)}`]
      : []),
    ...(/\p{Surrogate}/u.test(bare) ? [`half of a character in ${text}`] : []),
  ];
};

const flowForms: readonly RegExp[] = [
  /^g\d+\(\["(?<text>[^"]*)"\]\) --> g\d+q0$/,
  /^g\d+q\d+\(\["(?<text>[^"]*)"\]\)$/,
  /^g\d+q\d+\{\{"(?<text>[^"]*)"\}\}$/,
  /^g\d+q\d+ (-->|-- yes -->) g\d+a\d+\["(?<text>[^"]*)"\]$/,
  /^g\d+q\d+ -- no --> g\d+q\d+$/,
];

const faultsOfFlow = (line: string): readonly string[] => {
  const form = flowForms.find((pattern) => pattern.test(line));
  return form === undefined
    ? [`not a statement: ${line}`]
    : faultsOfText(form.exec(line)?.groups?.text ?? '');
};
