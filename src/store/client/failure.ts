import { unverifiedWords } from './connection-words.ts';

/** Why `fetch` has failed. */
export interface Failure {
  /** One word, such as `ECONNREFUSED`; if `isLasting`, a sentence that names the endpoint and the remedy. */
  readonly reason: string;
  /** It is certain that the request did not arrive. */
  readonly isNotSent: boolean;
  /** Trying again does not change it. */
  readonly isLasting: boolean;
}

/** Of a request to `endpoint`. Browsers do not say why: nothing is certain then. */
export const failureOf = (endpoint: string, error: unknown): Failure => {
  const { cause, message } = error as { readonly cause?: Cause; readonly message: string };
  const code = typeof cause?.code === 'string' ? cause.code : undefined;
  const words = unverifiedWords(endpoint, code, howToTrust);
  if (words !== null) return { reason: words, isNotSent: true, isLasting: true };
  return {
    reason: code ?? message,
    isNotSent: neverConnected.has(code ?? '') || isOfConnecting(cause),
    isLasting: false,
  };
};

interface Cause {
  readonly code?: unknown;
  readonly syscall?: unknown;
  /** Of each address that the name of a host stands for. */
  readonly errors?: readonly Cause[];
}

const howToTrust = 'see `fetch` in docs/client.md';

const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Others, such as EHOSTUNREACH, may break a connection as well that has carried the request. */
const isOfConnecting = (cause: Cause | undefined): boolean =>
  cause?.syscall === 'connect' || cause?.errors?.every(isOfConnecting) === true;
