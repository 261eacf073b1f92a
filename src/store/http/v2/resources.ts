/** What version 2 of the API has, by path, and what each method there is for the metrics and for what it needs. */
export const resources = {
  key: {
    path: '/v2/kv/{key}',
    operations: { GET: 'get', HEAD: 'get', PUT: 'put', DELETE: 'delete' },
  },
  keys: { path: '/v2/kv', operations: { GET: 'list', HEAD: 'list', DELETE: 'delete' } },
  txn: { path: '/v2/txn', operations: { POST: 'txn' } },
  leases: { path: '/v2/leases', operations: { GET: 'leases', HEAD: 'leases', POST: 'lease' } },
  lease: { path: '/v2/leases/{id}', operations: { GET: 'leases', HEAD: 'leases', DELETE: 'lease' } },
  keepAlive: { path: '/v2/leases/{id}/keepalive', operations: { POST: 'lease' } },
  watch: { path: '/v2/watch', operations: { GET: 'watch' } },
  compact: { path: '/v2/compact', operations: { POST: 'compact' } },
  openApi: { path: '/v2/openapi.json', operations: { GET: 'openapi', HEAD: 'openapi' } },
} as const;

export type Resource = keyof typeof resources;

/** In one of a few words; see `Operation` of the whole API. */
export type OperationV2 = {
  [Each in Resource]: (typeof resources)[Each]['operations'][keyof (typeof resources)[Each]['operations']];
}[Resource];

/** Null: no such method there. */
export const operationAt = (resource: Resource, method: string | undefined): OperationV2 | null => {
  const operations: Readonly<Record<string, OperationV2>> = resources[resource].operations;
  return method !== undefined && Object.hasOwn(operations, method) ? operations[method]! : null;
};

/** For the header `Allow`. */
export const methodsAt = (resource: Resource): string =>
  Object.keys(resources[resource].operations).join(', ');
