import { permissionFor } from '../../src/store/http/operation.ts';
import { operationAt, type Resource, resources } from '../../src/store/http/v2/resources.ts';
import { type OperationText, operations } from './operations.ts';
import { ref, schemas } from './schemas.ts';

type Errors = Readonly<Record<number, readonly string[]>>;

/** The description of version 2 of the client API. Throws for a route that is not described, and for a description without a route. */
export const openApiDocument = (): object => ({
  openapi: '3.1.0',
  info: {
    title: 'The client API of raftchart, version 2',
    version: '2.0.0',
    description:
      'Keys and values with revisions, leases, transactions and watches, replicated by Raft. Every node serves it; only the leader writes. Clients must ignore fields that they do not know.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'Any node.' }],
  security: [{ token: [] }, {}],
  paths: Object.fromEntries(
    (Object.keys(resources) as Resource[]).map((resource) => [resources[resource].path, pathOf(resource)]),
  ),
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'Where nodes run with --token-file.' },
    },
    responses: Object.fromEntries(
      Object.values(operations)
        .flatMap((texts) => Object.entries(texts))
        .flatMap(([method, text]) => Object.entries(errorsOf(method, text)))
        .filter(([, names]) => names.length > 0)
        .map(([status, names]) => [responseName(status, names), errorResponse(names)]),
    ),
    schemas,
  },
});

/** Many give the same errors. */
const responseName = (status: string, names: readonly string[]): string => `${status}.${names.join('.')}`;

const errorResponse = (names: readonly string[]): object => ({
  description: names.join(', '),
  content: {
    'application/json': { schema: { allOf: [ref('Error'), { properties: { error: { enum: names } } }] } },
  },
});

const pathOf = (resource: Resource): object => {
  const { path } = resources[resource];
  const texts = operations[path] ?? {};
  const methods = Object.keys(resources[resource].operations).map((method) => method.toLowerCase());
  for (const method of Object.keys(texts)) {
    if (!methods.includes(method)) throw new Error(`${method} ${path} is described, and does not exist`);
  }
  return Object.fromEntries(
    methods.map((method) => {
      const described = texts[method === 'head' ? 'get' : method];
      if (described === undefined) throw new Error(`${method} ${path} is not described`);
      return [method, operationOf(resource, method, described)];
    }),
  );
};

const operationOf = (resource: Resource, method: string, text: OperationText): object => {
  const isHead = method === 'head';
  const permission = permissionFor[operationAt(resource, method.toUpperCase())!];
  const errors = Object.entries(errorsOf(method, text)).map(([status, names]) => [
    status,
    isHead || names.length === 0
      ? { description: names.join(', ') || 'The client has it already.' }
      : { $ref: `#/components/responses/${responseName(status, names)}` },
  ]);
  const { type, schema, headers = [] } = text.done;
  return {
    operationId: isHead ? `${text.id}Head` : text.id,
    summary: isHead ? `${text.summary}: without the body` : text.summary,
    ...(text.description === undefined ? {} : { description: text.description }),
    'x-permission': permission,
    ...(permission === null ? { security: [] } : {}),
    parameters: text.parameters,
    ...(text.body === undefined
      ? {}
      : { requestBody: { required: true, content: { [text.body.type]: { schema: text.body.schema } } } }),
    responses: {
      200: {
        description: 'Done.',
        ...(headers.length === 0
          ? {}
          : {
              headers: Object.fromEntries(
                headers.map((name) => [name, { required: true, schema: { type: 'string' } }]),
              ),
            }),
        ...(isHead ? {} : { content: { [type]: { schema } } }),
      },
      ...Object.fromEntries(errors),
    },
  };
};

const asked: Errors = {
  400: ['bad_request'],
  401: ['token_missing', 'token_unknown'],
  403: ['host_not_allowed', 'origin_not_allowed'],
  409: ['not_upgraded'],
  421: ['not_leader'],
  429: ['overloaded'],
  503: ['no_leader'],
};
const read: Errors = { 503: ['stopped'], 504: ['read_timed_out'] };
const write: Errors = {
  403: ['forbidden'],
  409: ['overwritten'],
  410: ['session_expired', 'answer_forgotten'],
  422: ['key_reused'],
  429: ['sessions_full'],
  504: ['unknown_outcome'],
};
const post: Errors = { 415: ['not_from_a_form'] };
const withBody: Errors = { 408: ['request_timeout'], 413: ['body_too_large'] };

/** Those that each of its kind gives, and its own. */
const errorsOf = (method: string, { kind, body, errors }: OperationText): Errors => {
  if (kind === 'none') return errors;
  const ofKind = kind === 'read' ? read : write;
  return merged([asked, ofKind, method === 'post' ? post : {}, body === undefined ? {} : withBody, errors]);
};

const merged = (all: readonly Errors[]): Errors => {
  const errors: Record<number, readonly string[]> = {};
  for (const each of all) {
    for (const [status, names] of Object.entries(each))
      errors[Number(status)] = [...new Set([...(errors[Number(status)] ?? []), ...names])];
  }
  return errors;
};
