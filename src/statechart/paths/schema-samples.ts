import type { Payload } from './payload.ts';

/** The keywords of JSON Schema that payloads are made by; all others are ignored. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

const maxSamples = 12;
const maxDepth = 4;

/** Payloads that a schema allows: each edge of each field once, the others as they are in the first. Null for what is no schema of an object. */
export const schemaSamples = (schema: unknown): readonly Payload[] | null => {
  const json = jsonSchemaOf(schema);
  if (json === null) return null;
  const values = valuesOf(json, 0).filter((value): value is Payload => isObject(value));
  if (values.length === 0) return null;
  // The type is XState's.
  return values.slice(0, maxSamples).map(({ type: _, ...payload }) => payload);
};

const jsonSchemaOf = (schema: unknown): JsonSchema | null => {
  if (!isObject(schema) && typeof schema !== 'function') return null;
  const { '~standard': standard } = schema as {
    readonly '~standard'?: {
      readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown };
    };
  };
  if (standard === undefined) return isJsonSchema(schema) ? schema : null;
  try {
    const made = standard.jsonSchema?.input?.({ target: 'draft-2020-12' });
    return isJsonSchema(made) ? made : null;
  } catch {
    // It says that JSON Schema cannot express it.
    return null;
  }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isJsonSchema = (value: unknown): value is JsonSchema =>
  isObject(value) &&
  ['properties', 'type', 'anyOf', 'oneOf', 'enum', 'const', 'examples'].some((key) => key in value);

const valuesOf = (schema: JsonSchema, depth: number): readonly unknown[] => {
  if ('const' in schema) return [schema.const];
  if (schema.enum !== undefined) return schema.enum;
  if (schema.examples !== undefined && schema.examples.length > 0) return schema.examples;
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return options.flatMap((each) => valuesOf(each, depth + 1));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'object'];
  const values = types.flatMap((type) => valuesOfType(type, schema, depth));
  return 'default' in schema ? [schema.default, ...values] : values;
};

const valuesOfType = (type: string, schema: JsonSchema, depth: number): readonly unknown[] => {
  switch (type) {
    case 'boolean':
      return [true, false];
    case 'null':
      return [null];
    case 'integer':
      return numbers(schema, 1);
    case 'number':
      return numbers(schema, 0.5);
    case 'string':
      return strings(schema);
    case 'array':
      return arrays(schema, depth);
    default:
      return depth > maxDepth ? [] : objects(schema, depth);
  }
};

const numbers = (schema: JsonSchema, step: number): readonly number[] => {
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  const minimum = schema.minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + step);
  const maximum = schema.maximum ?? (exclusiveMaximum === undefined ? undefined : exclusiveMaximum - step);
  const edges = [minimum, maximum, 0, 1].filter((each) => each !== undefined);
  return [...new Set(edges)].filter(
    (each) => each >= (minimum ?? Number.NEGATIVE_INFINITY) && each <= (maximum ?? Number.POSITIVE_INFINITY),
  );
};

const formatted: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'ada@example.org',
  uri: 'https://example.org/',
  url: 'https://example.org/',
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
};

const strings = ({ format, minLength = 0, maxLength }: JsonSchema): readonly string[] => {
  const known = format === undefined ? undefined : formatted[format];
  if (known !== undefined) return [known];
  const lengths = [Math.max(minLength, 1), minLength, ...(maxLength === undefined ? [] : [maxLength])];
  return [...new Set(lengths)]
    .filter((length) => length <= (maxLength ?? Number.POSITIVE_INFINITY))
    .map((length) => 'a'.repeat(length));
};

const arrays = ({ items, minItems = 0 }: JsonSchema, depth: number): readonly unknown[] => {
  const [first] = items === undefined ? [] : valuesOf(items, depth + 1);
  const lengths = [...new Set([Math.max(minItems, 1), minItems])];
  return lengths
    .filter((length) => length === 0 || first !== undefined)
    .map((length) => Array(length).fill(first));
};

const objects = ({ properties = {}, required = [] }: JsonSchema, depth: number): readonly unknown[] => {
  const fields = Object.entries(properties).map(([key, each]) => [key, valuesOf(each, depth + 1)] as const);
  const first = Object.fromEntries(
    fields.flatMap(([key, [value]]) => (value === undefined ? [] : [[key, value]])),
  );
  const varied = fields.flatMap(([key, values]) =>
    values.slice(1).map((value) => ({ ...first, [key]: value })),
  );
  const optional = fields.filter(([key, values]) => !required.includes(key) && values.length > 0);
  const without = optional.map(([key]) =>
    Object.fromEntries(Object.entries(first).filter(([each]) => each !== key)),
  );
  return [first, ...varied, ...without];
};
