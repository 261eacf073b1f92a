import { batch, computed, effect, signal } from '@preact/signals';
import type { NodeId } from '../../raft/types.ts';
import type { Answer, Request } from '../../simulate/play/engine.ts';
import type { ExportKind } from '../../simulate/play/exports.ts';
import type { Frame } from '../../simulate/play/frame.ts';
import type { TimedEvent } from '../../trace/events.ts';
import { ask } from './engine-client.ts';
import { addReigns, type Reign } from './time/marks.ts';
import { advanced, askedUntil, firstSpeed, isNow, isRunningOut } from './time/playhead.ts';
import { Recording } from './time/recording.ts';

/** What is recorded; `version` changes with it. */
export const recording = new Recording();
export const version = signal(0);
export const reigns: Reign[] = [];

/** What is shown: a time, and the frame that shows how things stand then. Several frames may be of one time. */
export const head = signal({ us: 0, index: 0 });
export const isRunning = signal(false);
export const speed = signal<number>(firstSpeed);

/** What is known of the story, as of the last answer. */
export const story = signal<Omit<Answer, 'frames' | 'events' | 'told'> | null>(null);
/** Why the last thing was not done, in one line. */
export const refusal = signal<string | null>(null);
/** Whether the engine is at something that takes a while. */
export const isBusy = signal(false);

export type Selection =
  | { readonly type: 'node'; readonly node: NodeId }
  | { readonly type: 'link'; readonly from: NodeId; readonly to: NodeId }
  | { readonly type: 'message'; readonly number: number };
export const selected = signal<Selection | null>(null);

const shownIndex = computed(() => head.value.index);
const noFrame: Frame = {
  atUs: 0,
  done: 0,
  steps: 0,
  events: 0,
  nodes: [],
  flights: [],
  cuts: [],
  violation: null,
  rates: { minDelayMs: 0, maxDelayMs: 0, dropRate: 0, duplicateRate: 0, reorderRate: 0 },
};
/** What is shown of the cluster. */
export const frame = computed<Frame>(() => {
  version.value;
  return recording.frames[shownIndex.value] ?? noFrame;
});
export const isStepwise = computed(() => story.value?.isStepwise ?? false);
/** Whether what is shown is the last that is known. */
export const isAtEnd = computed(() => {
  version.value;
  return shownIndex.value >= recording.frames.length - 1;
});

/** Whether something happens by itself, or is in store, after what is shown. */
export const canRun = computed(() => !isAtEnd.value || !isStepwise.value || (story.value?.ahead ?? 0) > 0);

/** Opens a story from its beginning. Resolves to what is wrong with it, in one line; null: nothing. */
export const openStory = (text: string): Promise<string | null> => open({ type: 'open', text });

/** Opens a story that comes to a violation, and shows how things stood just before. */
export const openCounterexample = async (text: string): Promise<string | null> => {
  const problem = await openStory(text);
  if (problem !== null) return problem;
  await playAll();
  showJustBefore();
  return null;
};

/** Goes to the last frame in which everything still holds. */
export const showJustBefore = (): void => {
  isRunning.value = false;
  const broken = recording.frames.findIndex(({ violation }) => violation !== null);
  showFrame(broken < 0 ? recording.frames.length - 1 : broken - 1);
};

/** Opens what a link holds, and plays all of it. */
export const openLink = async (link: string): Promise<string | null> => {
  const problem = await open({ type: 'openLink', link });
  if (problem === null) await playAll();
  return problem;
};

/** What the story does before any time passes is done at once. */
const open = async (request: Request): Promise<string | null> => {
  let problem: string | null = null;
  await inTurn(async () => {
    isRunning.value = false;
    let answer = await asked(request);
    problem = answer.refusal;
    refusal.value = null;
    if (problem !== null) return;
    selected.value = null;
    let hasBegun = false;
    while (answer.next !== null && answer.failure === null) {
      const isSaid = /^say\b/.test(answer.next);
      if (isSaid ? hasBegun : !/^(start|rates|timeouts)\b/.test(answer.next)) break;
      hasBegun ||= !isSaid;
      answer = await asked({ type: 'next' });
      problem = answer.refusal;
      if (problem !== null) break;
    }
    // By then nodes have started that were told to.
    if (!answer.isStepwise && answer.ahead === 0) await asked({ type: 'run', untilUs: 2000 });
    showEnd();
  });
  return problem;
};

/** Does what a directive says, now. In the past another story branches off, which has in common with this one what is shown up to here. */
export const act = (directive: string): Promise<void> =>
  inTurn(async () => {
    const told = story.value;
    if (told === null) return;
    // While time runs the engine is a moment ahead, which nobody sees: it would play everything again to go back by that.
    const isBehind = !isRunning.value || !isNow(head.value.us, recording.endUs, speed.value);
    if (!isAtEnd.value && isBehind) {
      const { done, atUs, steps } = frame.value;
      const shownUs = told.isStepwise ? atUs : Math.floor(head.value.us);
      // After a frame only time has passed.
      const moment = shownUs === atUs ? { done, atUs, steps } : { done, atUs: shownUs };
      const branched = await asked({ type: 'open', text: told.text, moment });
      if (branched.refusal !== null) return;
    }
    await asked({ type: 'act', directive });
    showEnd();
  });

/** Goes to a frame that is recorded. */
export const showFrame = (index: number): void => {
  const at = Math.min(Math.max(index, 0), recording.frames.length - 1);
  head.value = { us: recording.positions[at] ?? 0, index: at };
};

/** Goes to a time up to which it is recorded what happened. */
export const showTime = (us: number): void => {
  const at = Math.min(Math.max(us, 0), recording.endUs);
  head.value = { us: at, index: recording.indexAt(at) };
};

export const showEnd = (): void => {
  head.value = { us: recording.endUs, index: Math.max(0, recording.frames.length - 1) };
};

export type StepKind = 'event' | 'message' | 'transition';

const fits: Readonly<Record<StepKind, (event: TimedEvent) => boolean>> = {
  event: () => true,
  message: ({ type }) => type === 'delivered' || type === 'lost',
  transition: (event) => event.type === 'chart' && event.transitions.length > 0,
};
/** After so many events without what one waits for, none is to be expected. */
const mostSteps = 500;

export const stepBack = (kind: StepKind): void => {
  isRunning.value = false;
  const { index } = head.value;
  showFrame(kind === 'event' ? index - 1 : (recording.find(index, -1, fits[kind]) ?? 0));
};

/** To the next of its kind; beyond what is recorded the engine plays on. */
export const stepOn = (kind: StepKind): Promise<void> =>
  inTurn(async () => {
    isRunning.value = false;
    const from = head.value.index;
    for (let at = 0; at < mostSteps; at++) {
      const next =
        kind === 'event'
          ? from + 1 < recording.frames.length
            ? from + 1
            : null
          : recording.find(from, 1, fits[kind]);
      if (next !== null) return showFrame(next);
      if (!(await playOn({ type: 'step' }))) break;
    }
    showEnd();
  });

/** Plays what the story has in store, or lets time pass; false: it cannot go on. */
const playOn = async (otherwise: Request): Promise<boolean> => {
  const told = story.value;
  if (told === null || told.failure !== null) return false;
  if (told.ahead > 0) return (await asked({ type: 'next' })).refusal === null;
  return (await asked(otherwise)).refusal === null;
};

/** Plays the rest of what the story has in store. */
const playAll = (): Promise<void> =>
  inTurn(async () => {
    while ((story.value?.ahead ?? 0) > 0) if (!(await playOn({ type: 'step' }))) break;
    showEnd();
  });

/** Plays up to where the storyteller speaks next, or to the end of the story. */
export const playPart = (): Promise<void> =>
  inTurn(async () => {
    isRunning.value = false;
    showEnd();
    do if (!(await playOn({ type: 'step' }))) break;
    while (story.value?.next != null && !/^say\b/.test(story.value.next));
    // Its words stand beside what they are about.
    if (story.value?.next != null && story.value.failure === null) await playOn({ type: 'step' });
    showEnd();
  });

/** Makes a file of what has been played; null: it cannot be, and the refusal says why. */
export const exported = async (as: ExportKind): Promise<string | null> => {
  let file: string | null = null;
  await inTurn(async () => {
    const answer = await asked({ type: 'export', as });
    refusal.value = answer.refusal;
    file = answer.exported;
  });
  return file;
};

let turn: Promise<void> = Promise.resolve();
/** One thing after the other: what is done twice quickly is done twice. */
const inTurn = (task: () => Promise<void>): Promise<void> => {
  turn = turn.then(task, task);
  return turn;
};

const asked = async (request: Request): Promise<Answer> => {
  const slow = setTimeout(() => {
    isBusy.value = true;
  }, 250);
  try {
    const answer = await ask(request);
    batch(() => {
      const before = answer.isNew ? 0 : recording.frames.length;
      recording.take(answer);
      if (answer.isNew) reigns.length = 0;
      addReigns(reigns, recording.frames, recording.positions, before);
      const { frames: _frames, events: _events, told: _told, ...about } = answer;
      story.value = about;
      version.value++;
      // What was refused stays to be read while time runs on.
      if (request.type === 'act' || answer.refusal !== null) refusal.value = answer.refusal;
      if (head.value.index >= recording.frames.length) showEnd();
    });
    return answer;
  } catch (error) {
    refusal.value = `the engine failed: ${error instanceof Error ? error.message : String(error)}`;
    isRunning.value = false;
    throw error;
  } finally {
    clearTimeout(slow);
    isBusy.value = false;
  }
};

let isAsking = false;
/** More time, one request at a time. */
const askForMore = (): void => {
  if (isAsking) return;
  isAsking = true;
  void inTurn(async () => {
    try {
      if (!isRunning.value) return;
      const { nowUs, isStepwise, ahead } = story.value!;
      const isOver = isStepwise && ahead === 0;
      const canGoOn = !isOver && (await playOn({ type: 'run', untilUs: askedUntil(nowUs, speed.value) }));
      if (!canGoOn && head.value.us >= recording.endUs) isRunning.value = false;
    } finally {
      isAsking = false;
    }
  });
};

/** Moves the playhead with the viewer's time while the play runs. */
export const followTime = (): void => {
  let last = 0;
  const draw = (nowMs: number): void => {
    if (!isRunning.peek()) return;
    const targetUs = advanced(head.peek().us, nowMs - last, speed.peek());
    last = nowMs;
    const { endUs } = recording;
    if (isRunningOut(targetUs, endUs, speed.peek())) askForMore();
    showTime(targetUs);
    requestAnimationFrame(draw);
  };
  effect(() => {
    if (!isRunning.value) return;
    last = performance.now();
    requestAnimationFrame(draw);
  });
};
