import { ClientError } from './client-error.ts';

/** What is looked at in an answer of a node. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Whose it is. */
  readonly endpoint: string;
}

/** A JSON object, of which nothing else is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** The body of a success. Throws `ClientError` for any other answer. */
export const accepted = (answer: Answer): Fields => {
  if (answer.status < 200 || answer.status >= 300) throw refused(answer);
  const fields = jsonOf(answer.body);
  if (fields === null) throw notOfANode(answer.endpoint);
  return fields;
};

/** What a node says that refuses a request. */
export const refused = ({ status, body, endpoint }: Answer): ClientError => {
  const { error = 'refused', message = `${endpoint} answered ${status}` } = jsonOf(body) ?? {};
  return new ClientError(String(error), String(message), status);
};

/** Something else answers in the place of a node. */
export const notOfANode = (endpoint: string): ClientError =>
  new ClientError(
    'bad_answer',
    `${endpoint} answers, but not as a node does: give the client address of one`,
  );

/** For programs; null: there is none. */
export const errorIn = ({ status, body }: Answer): string | null => {
  const error = status >= 400 ? jsonOf(body)?.error : null;
  return typeof error === 'string' ? error : null;
};

/** As a JSON object; null: it is none. */
export const jsonOf = (body: Uint8Array | string): Fields | null => {
  try {
    const parsed: unknown = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : null;
  } catch {
    return null;
  }
};

/** Where a node says that the leader is; `distrust`: why it must not be asked, since a token would go out in the clear. */
export const leaderIn = (
  body: Fields | null,
  askedAt: string,
): { readonly endpoint: string | null; readonly distrust: string | null } => {
  const endpoint = addressIn(body?.endpoint)?.origin ?? null;
  const isInClear = askedAt.startsWith('https:') && endpoint?.startsWith('http:') === true;
  const distrust = isInClear
    ? `${askedAt} names a leader that speaks HTTP, ${endpoint}: give its https:// address`
    : null;
  return { endpoint, distrust };
};

/** A URL of HTTP or HTTPS; null: it is none. */
export const addressIn = (value: unknown): URL | null => {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
};
