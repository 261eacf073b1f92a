import { tooLargeWords } from '../kv/perform.ts';

/** The codes of gRPC that are answered here. */
const codes = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A request has failed in one of the ways that etcd's clients know: they compare `details` letter by letter. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  readonly code: number;
  /** What gRPC sends. */
  readonly details: string;

  constructor(code: keyof typeof codes, details: string) {
    super(details);
    this.code = codes[code];
    this.details = details;
  }
}

const fixed = (code: keyof typeof codes, details: string) => (): EtcdError => new EtcdError(code, details);

/** The errors of etcd's package rpctypes, made anew each time so that each has its own stack. */
export const etcdErrors = {
  emptyKey: fixed('invalidArgument', 'etcdserver: key is not provided'),
  keyNotFound: fixed('invalidArgument', 'etcdserver: key not found'),
  valueProvided: fixed('invalidArgument', 'etcdserver: value is provided'),
  leaseProvided: fixed('invalidArgument', 'etcdserver: lease is provided'),
  tooManyOps: fixed('invalidArgument', 'etcdserver: too many operations in txn request'),
  duplicateKey: fixed('invalidArgument', 'etcdserver: duplicate key given in txn request'),
  compacted: fixed('outOfRange', 'etcdserver: mvcc: required revision has been compacted'),
  futureRevision: fixed('outOfRange', 'etcdserver: mvcc: required revision is a future revision'),
  emptyWatcherRange: fixed('invalidArgument', 'mvcc: watcher range is empty'),
  leaseNotFound: fixed('notFound', 'etcdserver: requested lease not found'),
  leaseExists: fixed('failedPrecondition', 'etcdserver: lease already exists'),
  leaseTtlTooLarge: fixed('outOfRange', 'etcdserver: too large lease TTL'),
  tooLarge: fixed('resourceExhausted', `raftchart: ${tooLargeWords}`),
  requestTooLarge: fixed('invalidArgument', 'etcdserver: request is too large'),
  tooManyRequests: fixed('resourceExhausted', 'etcdserver: too many requests'),
  timedOut: fixed('unavailable', 'etcdserver: request timed out'),
  noLeader: fixed('unavailable', 'etcdserver: no leader'),
  notLeader: fixed('failedPrecondition', 'etcdserver: not leader'),
  badTransferee: fixed('failedPrecondition', 'etcdserver: bad leader transferee'),
  transferTimedOut: fixed('unavailable', 'etcdserver: request timed out, leader transfer took too long'),
  stopped: fixed('unavailable', 'etcdserver: server stopped'),
  authNotEnabled: fixed('failedPrecondition', 'etcdserver: authentication is not enabled'),
  authFailed: fixed('invalidArgument', 'etcdserver: authentication failed, invalid user ID or password'),
  userEmpty: fixed('invalidArgument', 'etcdserver: user name is empty'),
  invalidToken: fixed('unauthenticated', 'etcdserver: invalid auth token'),
  permissionDenied: fixed('permissionDenied', 'etcdserver: permission denied'),
} as const;

/** What this node does not do, and what to use for it. */
export const unimplemented = (words: string): EtcdError => new EtcdError('unimplemented', words);
