import * as v from 'valibot';
import { issueText, type Told, UnreadableLine } from './etcd-lines.ts';
import { observedLine } from './observed-lines.ts';

const regexSchema = v.pipe(
  v.string(),
  v.check((text) => isPattern(text), 'Invalid pattern: not a regular expression'),
);

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
};

const pathSchema = v.pipe(v.string(), v.nonEmpty('Invalid path: it is empty'));

/** Where a field comes from: a path, a path with what to make of it, or a constant. */
const fieldSchema = v.union(
  [
    pathSchema,
    v.strictObject({
      path: pathSchema,
      match: v.exactOptional(regexSchema),
      values: v.exactOptional(v.record(v.string(), v.unknown())),
      add: v.exactOptional(v.pipe(v.number(), v.safeInteger())),
    }),
    v.strictObject({ value: v.unknown() }),
  ],
  'Invalid field: expected a path, {"path": …} with "match", "values" or "add", or {"value": …}',
);

type Field = v.InferOutput<typeof fieldSchema>;

const fieldsSchema = v.record(v.string(), fieldSchema);

const conditionSchema = v.union(
  [
    v.string(),
    v.number(),
    v.boolean(),
    v.null(),
    v.strictObject({ matches: regexSchema }),
    v.strictObject({ in: v.array(v.unknown()) }),
  ],
  'Invalid condition: expected a value, {"matches": …} or {"in": […]}',
);

const mappingSchema = v.strictObject({
  lines: v.exactOptional(v.record(v.string(), conditionSchema), {}),
  node: fieldSchema,
  what: v.strictObject({
    path: pathSchema,
    values: v.record(v.string(), v.union([v.string(), v.record(v.string(), v.unknown())])),
  }),
  state: v.exactOptional(fieldsSchema, {}),
  message: v.exactOptional(fieldsSchema, {}),
  messages: v.exactOptional(v.record(v.string(), fieldsSchema), {}),
  fields: v.exactOptional(fieldsSchema, {}),
});

/** How the lines of a foreign log become those of the format for any implementation. */
export type Mapping = v.InferOutput<typeof mappingSchema>;

/** Throws an `Error` of one line. */
export const parseMapping = (text: string): Mapping => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const parsed = v.safeParse(mappingSchema, value);
  if (!parsed.success) throw new Error(issueText(parsed.issues[0], ''));
  return parsed.output;
};

/** What a line of a foreign log comes to. Throws `UnreadableLine`. */
export const mappedLine = (mapping: Mapping, line: unknown): Told => {
  const { lines, node, what, state, message, messages, fields } = mapping;
  if (!Object.entries(lines).every(([path, condition]) => holds(condition, at(line, path))))
    return { skipped: 'lines that the mapping leaves out' };
  const name = at(line, what.path);
  if (name === undefined) throw new UnreadableLine(`${what.path}: Invalid line: it is missing`);
  const kind = ownValue(what.values, String(name));
  if (kind === undefined) return { skipped: String(name) };
  const told: Record<string, unknown> = {
    ...(typeof kind === 'string' ? { what: kind } : (kind as object)),
    ...mapped(fields, line),
    node: fieldValue('node', node, line),
  };
  const seen = mapped(state, line);
  if (Object.keys(seen).length > 0) told.state = seen;
  if (told.what === 'sent' || told.what === 'received') {
    const common = mapped(message, line);
    const own = ownValue(messages, String(common.type));
    told.message = own === undefined ? common : { ...common, ...mapped(own, line) };
  }
  return { events: [observedLine(told)] };
};

const mapped = (fields: Readonly<Record<string, Field>>, line: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => {
      const value = fieldValue(name, field, line);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Undefined: the line does not tell it. */
const fieldValue = (name: string, field: Field, line: unknown): unknown => {
  if (typeof field === 'string') return asNumber(at(line, field));
  if (!('path' in field)) return field.value;
  const { path, match, values, add = 0 } = field;
  let value = at(line, path);
  if (value === undefined) return undefined;
  const wrong = (reason: string) =>
    new UnreadableLine(`${path}: Invalid ${name}: ${JSON.stringify(value)} ${reason}`);
  if (match !== undefined) {
    const found = new RegExp(match).exec(String(value));
    if (found === null) throw wrong(`does not match ${match}`);
    value = found[1] ?? found[0];
  }
  if (values !== undefined) {
    const known = ownValue(values, String(value));
    if (known === undefined) throw wrong('is not one of the values of the mapping');
    return known;
  }
  const number = asNumber(value);
  if (add === 0) return number;
  if (Array.isArray(number)) return number.map((each) => (typeof each === 'number' ? each + add : each));
  if (typeof number !== 'number') throw wrong('is no number to add to');
  return Math.max(0, number + add);
};

/** Ids and numbers may be written as text. */
const asNumber = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asNumber);
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
};

/** `msg.entries.0.term`; undefined: there is no such thing. */
const at = (line: unknown, path: string): unknown => {
  let value = line;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
};

const ownValue = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const holds = (condition: v.InferOutput<typeof conditionSchema>, value: unknown): boolean => {
  if (typeof condition !== 'object' || condition === null) return condition === value;
  if ('matches' in condition) return typeof value === 'string' && new RegExp(condition.matches).test(value);
  return condition.in.includes(value);
};
