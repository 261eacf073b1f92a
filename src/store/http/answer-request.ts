import type { Buffer } from 'node:buffer';
import { encodeCas, encodeDelete, encodePut } from '../kv/commands.ts';
import {
  type Answer,
  type Answered,
  chartsAnswer,
  leaderAnswer,
  leaderUnknown,
  membersAnswer,
  methodNotAllowed,
  notFound,
  refusal,
  reportAnswer,
  stopped,
  transferAnswer,
  valueAnswer,
} from './answer.ts';
import type { Asking } from './asking.ts';
import { parseCasRequest } from './cas-request.ts';
import { changeMembers } from './change-members.ts';
import type { KeyedBy } from './command-key.ts';
import { consistencyIn } from './consistency.ts';
import { metricsAnswer } from './metrics-answer.ts';
import type { Route } from './route.ts';
import { parseTransferRequest } from './transfer-request.ts';
import { askV2 } from './v2/ask-v2.ts';

/** Answers a request for `route`. */
export const answerRequest = (route: Route, asking: Asking): Answered => {
  switch (route.type) {
    case 'key':
      return onKey(route.key, route.query, asking);
    case 'cas':
      if (asking.request.method !== 'POST') return methodNotAllowed('POST');
      return asking.write((keyed) => asking.receive((body) => cas(route.key, body, keyed, asking)));
    case 'v2':
      return askV2(route, asking);
    case 'backup':
      return onBackup(route.query, asking);
    case 'leader':
      return onLeader(asking);
    case 'members':
      return onMembers(asking);
    case 'metrics':
      return onMetrics(asking);
    case 'keyTooLong':
      return refusal(414, 'key_too_long', `a key has at most ${asking.api.limits.maxKeyBytes} bytes`);
    case 'bad':
      return refusal(400, 'bad_request', route.message);
    case 'unknown':
      return notFound;
    default:
      return report(route.type, asking);
  }
};

const onKey = (key: string, query: string | null, asking: Asking): Answered => {
  const { method } = asking.request;
  if (method === 'GET' || method === 'HEAD') return read(key, query, asking);
  if (query !== null && (method === 'PUT' || method === 'DELETE')) {
    return refusal(400, 'bad_request', `a ${method} takes no query parameters`);
  }
  switch (method) {
    case 'PUT':
      return asking.write((keyed) => asking.receive((body) => asking.submit(encodePut(key, body), keyed)));
    case 'DELETE':
      return asking.write((keyed) => asking.submit(encodeDelete(key), keyed));
    default:
      return methodNotAllowed('GET, HEAD, PUT, DELETE');
  }
};

const read = (key: string, query: string | null, asking: Asking): Answered => {
  const asked = consistencyIn(query);
  if (typeof asked === 'string') return refusal(400, 'bad_request', asked);
  return asking.whenReadable(asked.consistency, () => asking.whenRead(() => valueAt(key, asking)));
};

const valueAt = (key: string, { api: { node, readValue } }: Asking): Answer => {
  const { lastApplied, term } = node.position();
  return valueAnswer(readValue(key), { index: lastApplied, term });
};

const cas = (key: string, body: Buffer, keyed: KeyedBy | null, asking: Asking): Answered => {
  const parsed = parseCasRequest(body);
  if (typeof parsed === 'string') return refusal(400, 'bad_request', parsed);
  return asking.submit(encodeCas(key, parsed.from, parsed.to), keyed);
};

const onBackup = (query: string | null, asking: Asking): Answered => {
  const { api, request, response } = asking;
  const { backups } = api;
  if (backups === null) return notFound;
  if (request.method !== 'GET') return methodNotAllowed('GET');
  const asked = consistencyIn(query);
  if (typeof asked === 'string') return refusal(400, 'bad_request', asked);
  const { consistency } = asked;
  return asking.whenReadable(consistency, () => {
    asking.waitPatiently();
    void backups
      .give(consistency, response, (cut) => asking.stream(cut))
      .then((refused) => asking.answer(refused));
    return null;
  });
};

const onLeader = (asking: Asking): Answered => {
  const { node, isNodeStopped, clientEndpointOf } = asking.api;
  switch (asking.request.method) {
    case 'GET':
    case 'HEAD':
      return leaderAnswer(isNodeStopped ? null : node.status(), clientEndpointOf);
    case 'POST':
      return onPost('the target is in the body', asking, transfer);
    default:
      return methodNotAllowed('GET, HEAD, POST');
  }
};

/** A POST, which has no query. `instead`: where what it asks for is said. */
const onPost = (
  instead: string,
  asking: Asking,
  answerTo: (body: Buffer, asking: Asking) => Answered,
): Answered =>
  asking.request.url!.includes('?')
    ? refusal(400, 'bad_request', `a POST takes no query parameters: ${instead}`)
    : asking.receive((body) => answerTo(body, asking));

const transfer = (body: Buffer, asking: Asking): Answered => {
  const request = parseTransferRequest(body);
  if (typeof request === 'string') return refusal(400, 'bad_request', request);
  const { node, isNodeStopped, clientEndpointOf } = asking.api;
  if (isNodeStopped) return stopped;
  asking.wait(leaderUnknown);
  node
    .transferLeadership(request.target)
    .then((outcome) => asking.answer(transferAnswer(outcome, clientEndpointOf)));
  return null;
};

const onMembers = (asking: Asking): Answered => {
  const { node, isNodeStopped } = asking.api;
  switch (asking.request.method) {
    case 'GET':
    case 'HEAD':
      return membersAnswer(isNodeStopped ? null : node.status());
    case 'POST':
      return onPost('the changes are in the body', asking, changeMembers);
    default:
      return methodNotAllowed('GET, HEAD, POST');
  }
};

const onMetrics = (asking: Asking): Answered => {
  const { metrics, load, isNodeStopped } = asking.api;
  if (isNodeStopped) return stopped;
  const { connections, waiting } = load();
  const others = () => ({ connections, waiting: waiting - 1 });
  void metricsAnswer(metrics, asking.request.method, others).then((answer) => asking.answer(answer));
  return null;
};

const report = (type: 'status' | 'charts' | 'livez' | 'readyz', { api, request }: Asking): Answered => {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const node = api.isNodeStopped ? null : api.node;
  if (type === 'charts') return chartsAnswer(node?.charts() ?? null);
  return reportAnswer(type, node?.status() ?? null);
};
