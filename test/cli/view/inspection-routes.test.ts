import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { newsRoute } from '../../../src/cli/view/inspection-routes.ts';
import { InspectionLog } from '../../../src/statechart/inspect/inspection-log.ts';

/** A page that reads when it is told to. */
class SlowPage extends EventEmitter {
  writableLength = 0;
  readonly destroyed = false;
  #frames: string[] = [];

  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): void {
    this.#frames.push(...text.trim().split('\n\n'));
  }

  stop(): void {
    this.writableLength = Number.POSITIVE_INFINITY;
  }

  /** What has come, in a few words each. */
  read(): readonly string[] {
    this.writableLength = 0;
    this.emit('drain');
    return this.#frames
      .splice(0)
      .map((frame) => frame.replace(/^id: \w+-/, '').replace(/\ndata: .*"kind":"(\w+)".*$/, ' $1'));
  }
}

const logOf = (news: number): { readonly log: InspectionLog; readonly press: (times: number) => void } => {
  const log = new InspectionLog({
    nowMs: () => 1,
    chartOf: () => ({ chart: null, problem: null }),
    limits: { news },
  });
  const program = log.connect();
  const event = { type: 'PRESS' };
  return {
    log,
    press: (times) => {
      for (let count = 0; count < times; count += 1)
        log.receive(program, { type: '@xstate.event', sessionId: 'x:0', sourceId: null, event });
    },
  };
};

const follow = (log: InspectionLog, lastId?: string): SlowPage => {
  const page = new SlowPage();
  const request = { headers: lastId === undefined ? {} : { 'last-event-id': lastId } };
  newsRoute(log, 'run')(request as IncomingMessage, page as unknown as ServerResponse);
  return page;
};

it('a page that reads too slowly is told how much news it has missed, and then what is kept', () => {
  const { log, press } = logOf(3);
  press(1);
  const page = follow(log);
  expect(page.read()).toEqual(['event: start\ndata: {"url":null}', '1 program', '2 actor', '3 event']);
  page.stop();
  press(10);
  expect(page.read()).toEqual(['event: skipped\ndata: {"count":7}', '11 event', '12 event', '13 event']);
  press(1);
  expect(page.read()).toEqual(['14 event']);
});

it('a page that comes late is not told of what was gone before it came', () => {
  const { log, press } = logOf(3);
  press(10);
  const page = follow(log);
  expect(page.read()).toEqual([
    'event: start\ndata: {"url":null}',
    '1 program',
    '2 actor',
    '10 event',
    '11 event',
    '12 event',
  ]);
  const again = follow(log, 'run-11');
  again.stop();
  press(5);
  expect(again.read().filter((each) => each.startsWith('event'))).toEqual([
    'event: skipped\ndata: {"count":2}',
  ]);
});
