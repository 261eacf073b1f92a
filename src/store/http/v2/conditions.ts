import type { IncomingHttpHeaders } from 'node:http';
import type { Compare } from '../../kv/operations.ts';
import type { Revision } from '../../kv/revisioned-store.ts';
import { badRequest } from './request-refused.ts';

export type Condition = Pick<Compare, 'result' | 'target'>;

export const etagOf = (revision: Revision): string => `"${revision}"`;

/** Under what conditions a key is to be written, by `If-Match` and `If-None-Match` (RFC 9110 §13.1). Throws `RequestRefused`. */
export const conditionsIn = (headers: IncomingHttpHeaders): readonly Condition[] => {
  const conditions: Condition[] = [];
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined) {
    // A key that is not there compares as one of revision 0, and matches nothing.
    const revision = match.trim() === '*' ? 0 : revisionIn(match, 'If-Match');
    if (revision === 0) conditions.push({ result: 'greater', target: { type: 'version', number: 0 } });
    if (match.trim() !== '*') conditions.push({ result: 'equal', target: { type: 'mod', number: revision } });
  }
  if (noneMatch?.trim() === '*') conditions.push({ result: 'equal', target: { type: 'version', number: 0 } });
  else if (noneMatch !== undefined) {
    const revision = revisionIn(noneMatch, 'If-None-Match');
    // No key has the revision 0, so that is no condition.
    if (revision !== 0) conditions.push({ result: 'notEqual', target: { type: 'mod', number: revision } });
  }
  return conditions;
};

/** Whether a reader has the value already: `If-None-Match` names its revision, or any. */
export const isKnownBy = (headers: IncomingHttpHeaders, modRevision: Revision): boolean => {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known
    .split(',')
    .some((tag) => ['*', etagOf(modRevision), `W/${etagOf(modRevision)}`].includes(tag.trim()));
};

const revisionIn = (text: string, header: string): Revision => {
  const [, digits] = /^"(\d{1,15})"$/.exec(text.trim()) ?? [];
  if (digits === undefined) throw badRequest(`${header} is * or one revision in quotes, such as "7"`);
  return Number(digits);
};
