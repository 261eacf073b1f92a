import { nodeName } from '../../../raft/types.ts';
import type { NetworkPlan } from '../../plan.ts';
import { StoryUnusable } from '../story-unusable.ts';
import { assertUp, upNode, type Verb } from './verb.ts';
import { percentIn, rangeIn, type Words } from './words.ts';

/** What befalls nodes, their disks and clocks, and the network. */
export const faultVerbs: Readonly<Record<string, Verb>> = {
  crash: {
    usage: 'crash N… [after K]',
    does: 'these nodes lose power at once, or after K more effects each (messages sent, writes, entries applied); the seed decides what is lost of what is not durable',
    run: async (words, scene) => {
      const ids = [upNode(words, scene)];
      while (!words.isAtEnd && words.next !== 'after') ids.push(upNode(words, scene));
      const effects = words.takeIf('after') ? words.number('a number of effects') : 0;
      words.end();
      scene.stage.crashAfter(effects, ...ids);
      await scene.stage.settle();
    },
  },
  restart: {
    usage: 'restart N…',
    does: 'these nodes start again from their disks',
    run: async (words, { stage }) => {
      const ids = words.someNodes();
      for (const id of ids) {
        if (!stage.hasCrashed(id)) throw new StoryUnusable(`${nodeName(id)} has not crashed: crash it first`);
      }
      stage.restart(...ids);
      await stage.settle();
    },
  },
  pause: {
    usage: 'pause N',
    does: 'N stops, as under SIGSTOP; what arrives waits',
    only: 'runs',
    run: (words, scene) => {
      const id = upNode(words, scene);
      if (scene.stage.isPaused(id)) throw new StoryUnusable(`${nodeName(id)} is paused already`);
      scene.stage.pause(id, true);
    },
  },
  resume: {
    usage: 'resume N',
    does: 'N goes on after a pause',
    only: 'runs',
    run: async (words, { stage }) => {
      const id = words.node();
      if (!stage.isPaused(id)) throw new StoryUnusable(`${nodeName(id)} is not paused`);
      stage.pause(id, false);
      await stage.settle();
    },
  },
  clock: {
    usage: 'clock N RATE',
    does: 'the clock of N runs this many times as fast as time, from its next timer on; 1: right again',
    only: 'runs',
    run: (words, { stage }) => stage.setClockRate(words.node(), words.factor('a rate')),
  },
  'fail-sync': {
    usage: 'fail-sync N [no]',
    does: 'the next sync of N fails after writing part of the data: N stops, and starts again after 300 ms; no: it succeeds after all',
    only: 'runs',
    run: (words, scene) => {
      const id = words.node();
      const isOver = words.takeIf('no');
      if (!isOver) assertUp(id, scene);
      scene.stage.failSync(id, !isOver);
    },
  },
  'full-disk': {
    usage: 'full-disk N [no]',
    does: 'the disk of N is full; no: it has space again',
    only: 'runs',
    run: (words, { stage }) => stage.fillDisk(words.node(), !words.takeIf('no')),
  },
  'lose-disk': {
    usage: 'lose-disk N',
    does: 'N loses power and starts on an empty disk; only where its peers can tell that it has lost what it held',
    only: 'runs',
    run: async (words, scene) => {
      const id = upNode(words, scene);
      if (!scene.stage.loseDisk(id)) {
        throw new StoryUnusable(
          `the others could not tell that ${nodeName(id)} has lost its disk: let it connect with all of them first, and leave a majority on their own disks`,
        );
      }
      await scene.stage.settle();
    },
  },
  'restore-disk': {
    usage: 'restore-disk N',
    does: 'N loses power and starts on the disk that it had before',
    only: 'runs',
    run: async (words, { stage }) => {
      const id = words.node();
      if (!stage.restoreDisk(id)) throw new StoryUnusable(`${nodeName(id)} is on its own disk`);
      await stage.settle();
    },
  },
  'slow-disk': {
    usage: 'slow-disk N [TIME]',
    does: 'with time held: its writes wait for sync; otherwise each takes this much longer',
    run: (words, { stage }) => {
      const id = words.node();
      if (stage.isStepwise) stage.holdDisk(id);
      else stage.slowDisk(id, words.time());
    },
  },
  sync: {
    usage: 'sync N [all]',
    does: 'its oldest write becomes durable; all: every one, and its disk is fast again',
    only: 'held',
    run: async (words, { stage }) => stage.sync(words.node(), words.takeIf('all')),
  },
  partition: {
    usage: 'partition N… | N… [| N…]',
    does: 'no message sent from now on passes between the groups',
    run: (words, { stage }) => {
      const groups = [words.someNodes()];
      while (words.takeIf('|')) groups.push(words.someNodes());
      if (groups.length === 1) throw new StoryUnusable('expected two groups, such as 1 2 | 3');
      const twice = groups.flat().find((node, at, all) => all.indexOf(node) < at);
      if (twice !== undefined)
        throw new StoryUnusable(`node ${twice} is named twice: it can be on one side only`);
      stage.partition(...groups);
    },
  },
  star: {
    usage: 'star N [M…]',
    does: 'N reaches only these, and they reach only N',
    run: (words, { stage }) => stage.star(words.node(), words.nodes()),
  },
  mute: {
    usage: 'mute N',
    does: 'what N sends from now on is lost',
    run: (words, { stage }) => stage.mute(words.node()),
  },
  cut: {
    usage: 'cut N to M',
    does: 'what N sends to M from now on is lost; not what M sends to N',
    run: (words, { stage }) => {
      const from = words.node();
      words.expect('to');
      stage.cut(from, words.node());
    },
  },
  mend: {
    usage: 'mend N to M',
    does: 'ends whatever cuts the link from N to M',
    run: (words, { stage }) => {
      const from = words.node();
      words.expect('to');
      stage.mend(from, words.node());
    },
  },
  heal: {
    usage: 'heal',
    does: 'ends every partition, star, mute and cut',
    run: async (_, { stage }) => {
      stage.heal();
      await stage.reconnect();
    },
  },
  'slow-link': {
    usage: 'slow-link N to M TIME',
    does: 'what N sends to M takes this much longer; 0ms: as long as usual',
    only: 'runs',
    run: (words, { stage }) => {
      const from = words.node();
      words.expect('to');
      stage.slowLink(from, words.node(), words.time());
    },
  },
  stall: {
    usage: 'stall N to M TIME',
    does: 'what N sends to M during this time arrives only after it',
    only: 'runs',
    run: (words, { stage }) => {
      const from = words.node();
      words.expect('to');
      stage.stall(from, words.node(), words.time());
    },
  },
  disconnect: {
    usage: 'disconnect N M',
    does: 'the connections between these two break, and what is under way is lost',
    only: 'runs',
    run: async (words, { stage }) => {
      stage.disconnect(words.node(), words.node());
      await stage.settle();
    },
  },
  next: {
    usage: 'next drop|repeat|delay [from N] [to N] [TYPE] [nth K]',
    does: 'the next such message to be sent (or the Kth) is lost, arrives twice, or is overtaken',
    only: 'runs',
    run: (words, { stage }) => {
      const fate = words.oneOf(Object.keys(fates) as (keyof typeof fates)[], 'what befalls a message');
      const selection = words.selection();
      if (selection.nth === -1)
        throw new StoryUnusable('nobody knows which message will be the last: write nth K');
      stage.strikeNext(fates[fate], selection);
    },
  },
  rates: {
    usage: 'rates [loss=P%] [duplicates=P%] [reorders=P%] [delay=TIME..TIME]',
    does: 'from now on these shares of all messages are lost, repeated or overtaken, and each takes a time in this range',
    only: 'runs',
    run: (words, { stage }) => stage.setRates(ratesIn(words)),
  },
};

const fates = { drop: 'drop', repeat: 'duplicate', delay: 'delay' } as const;

const rateNames = { loss: 'dropRate', duplicates: 'duplicateRate', reorders: 'reorderRate' } as const;

/** `loss=10% delay=1ms..20ms`. */
const ratesIn = (words: Words): Partial<NetworkPlan> => {
  let rates: Partial<NetworkPlan> = {};
  do {
    const [name = '', value = ''] = words.take('a rate').split('=');
    if (name === 'delay') {
      const [minDelayMs, maxDelayMs] = rangeIn(value);
      rates = { ...rates, minDelayMs, maxDelayMs };
    } else if (Object.hasOwn(rateNames, name)) {
      rates = { ...rates, [rateNames[name as keyof typeof rateNames]]: percentIn(value) };
    } else {
      throw new StoryUnusable(
        `there is no rate "${name}"; there are ${Object.keys(rateNames).join(', ')}, delay`,
      );
    }
  } while (!words.isAtEnd);
  return rates;
};
