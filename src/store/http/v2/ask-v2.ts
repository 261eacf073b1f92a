import { assert } from '../../../raft/assert.ts';
import { encodeStamped } from '../../kv/commands.ts';
import { oldMembersWords } from '../../old-members.ts';
import { protectiveHeaders } from '../access/protective-headers.ts';
import { type Answer, type Answered, notFound } from '../answer.ts';
import type { Asking } from '../asking.ts';
import { answerV2 } from './answer-v2.ts';
import { answerWatch } from './answer-watch.ts';
import type { Asked } from './asked.ts';
import type { RouteV2 } from './route.ts';
import type { WatchRequest } from './watch-request.ts';

/** Answers a request of version 2. */
export const askV2 = (route: RouteV2, asking: Asking): Answered => {
  const { watchStreams, openApi } = asking.api;
  const asked = askedOf(asking);
  return answerV2(route, asked, {
    watch: () => answerWatch(route.query, asked, watchStreams, (request) => watch(request, asking)),
    openApi: () => openApiAnswer(openApi()),
  });
};

const askedOf = (asking: Asking): Asked => {
  const { node, kv, limits, wallClock } = asking.api;
  return {
    method: asking.request.method,
    headers: asking.request.headers,
    kv,
    maxKeyBytes: limits.maxKeyBytes,
    get oldMembers() {
      return oldMembersWords(node.status());
    },
    get position() {
      const { lastApplied, term } = node.position();
      return { index: lastApplied, term };
    },
    whenBegun: (consistency, read) => asking.whenBegun(consistency, read),
    whenRead: (answer) => asking.whenRead(answer),
    write: (go) => asking.write(go),
    receive: (complete) => asking.receive(complete),
    submit: (request, keyed, answer) =>
      asking.submit(encodeStamped(wallClock(), request), keyed, (result, position) => {
        assert(result.type === 'requested', 'a request is answered as one', result.type, 'requested');
        return answer(result.result, position);
      }),
  };
};

const watch = (request: WatchRequest, asking: Asking): null => {
  const { api, response } = asking;
  asking.measured(200);
  const headers = [
    'content-type',
    'text/event-stream',
    'x-raft-node',
    String(api.node.id),
    ...protectiveHeaders,
  ];
  response.writeHead(200, headers);
  api.watchStreams.open(response, request);
  asking.stream(() => response.destroy());
  return null;
};

const openApiAnswer = (description: Uint8Array | null): Answer =>
  description === null
    ? notFound
    : { status: 200, contentType: 'application/json', body: description, headers: [] };
