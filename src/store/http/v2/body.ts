import type { Buffer } from 'node:buffer';
import * as v from 'valibot';
import { badRequest } from './request-refused.ts';

/** What the schema makes of a body in JSON. Throws `RequestRefused`, which names the place of what is wrong. */
export const bodyIn = <Schema extends v.GenericSchema>(
  body: Buffer,
  schema: Schema,
): v.InferOutput<Schema> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(body));
  } catch {
    throw badRequest('the body is not JSON in UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw badRequest('the body must be an object');
  if (isDeeperThan(maxDepth, parsed))
    throw badRequest(`the body is nested more than ${maxDepth} levels deep`);
  const result = v.safeParse(schema, parsed, { abortEarly: true });
  if (result.success) return result.output;
  throw badRequest(wordsOf(result.issues[0]));
};

const decoder = new TextDecoder('utf-8', { fatal: true });

/** For the transactions within each other that are allowed, and more than enough for all else. */
const maxDepth = 40;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each)));

const wordsOf = (issue: v.BaseIssue<unknown>): string => {
  const place = placeOf(issue);
  const at = place === '' ? '' : `${place}: `;
  if (issue.kind !== 'schema') return `${at}${issue.message}`;
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${at}there is no such field here`;
  if (issue.received === 'undefined') return `${at}is missing`;
  return `${at}expected ${issue.expected?.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ' or ')}, got ${issue.received.slice(0, 60)}`;
};

/** Such as `success[0].key`. */
const placeOf = (issue: v.BaseIssue<unknown>): string =>
  (v.getDotPath(issue) ?? '').replaceAll(/(?:^|\.)(\d+)(?=\.|$)/g, '[$1]');
