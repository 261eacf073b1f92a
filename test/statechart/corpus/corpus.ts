import type { AnyStateMachine, EventFrom, EventObject } from 'xstate';
import { machine as accessControl } from './access-control.ts';
import { machine as alarmClock } from './alarm-clock.ts';
import { machine as awaitingImplementations } from './awaiting-implementations.ts';
import { machine as bankAccount } from './bank-account.ts';
import { machine as batchImport } from './batch-import.ts';
import { machine as booking } from './booking.ts';
import { machine as chatRoom } from './chat-room.ts';
import { machine as checkout } from './checkout.ts';
import { machine as countdown } from './countdown.ts';
import { machine as counter } from './counter.ts';
import { machine as cyclicContext } from './cyclic-context.ts';
import { machine as dashboardReset } from './dashboard-reset.ts';
import { machine as dataFetch } from './data-fetch.ts';
import { machine as databaseConnection } from './database-connection.ts';
import { machine as deepNesting } from './deep-nesting.ts';
import { machine as dense40 } from './dense-40.ts';
import { machine as dense300 } from './dense-300.ts';
import { machine as documentTabs } from './document-tabs.ts';
import { machine as doorAlarm } from './door-alarm.ts';
import { machine as elevator } from './elevator.ts';
import { machine as empty } from './empty.ts';
import { machine as eventBus } from './event-bus.ts';
import { machine as extendedSetup } from './extended-setup.ts';
import { type Feature, featuresOf } from './features.ts';
import { machine as fileUpload } from './file-upload.ts';
import { machine as finished } from './finished.ts';
import { machine as finishedAtOnce } from './finished-at-once.ts';
import { machine as folderTree } from './folder-tree.ts';
import { machine as greeting } from './greeting.ts';
import { machine as historyKinds } from './history-kinds.ts';
import { machine as installer } from './installer.ts';
import { machine as inventory } from './inventory.ts';
import { machine as keyStrokes } from './key-strokes.ts';
import { machine as lampDimmer } from './lamp-dimmer.ts';
import { machine as loginForm } from './login-form.ts';
import { machine as longNames } from './long-names.ts';
import { machine as mediaPlayer } from './media-player.ts';
import { machine as meetingRoom } from './meeting-room.ts';
import { machine as menuTree } from './menu-tree.ts';
import { machine as modalDialog } from './modal-dialog.ts';
import { machine as mouseDrag } from './mouse-drag.ts';
import { machine as nestedJobs } from './nested-jobs.ts';
import { machine as notificationCenter } from './notification-center.ts';
import { machine as numberedIds } from './numbered-ids.ts';
import { machine as orderInChinese } from './order-in-chinese.ts';
import { machine as orderWithPayment } from './order-with-payment.ts';
import { machine as oven } from './oven.ts';
import { machine as pageRouter } from './page-router.ts';
import { machine as parallelHistory } from './parallel-history.ts';
import { machine as parallelWithoutId } from './parallel-without-id.ts';
import { machine as parcel } from './parcel.ts';
import { machine as pedestrianLight } from './pedestrian-light.ts';
import { machine as phoneCall } from './phone-call.ts';
import { machine as pingPong } from './ping-pong.ts';
import { machine as printQueue } from './print-queue.ts';
import { machine as punctuation } from './punctuation.ts';
import { machine as puzzle } from './puzzle.ts';
import { machine as quiz } from './quiz.ts';
import { machine as quotedNames } from './quoted-names.ts';
import { machine as recipeTimer } from './recipe-timer.ts';
import { machine as reservedWords } from './reserved-words.ts';
import { machine as signInNames } from './sign-in-names.ts';
import { machine as smartHome } from './smart-home.ts';
import { machine as stockTicker } from './stock-ticker.ts';
import { machine as strangeCharacters } from './strange-characters.ts';
import { machine as subscription } from './subscription.ts';
import { machine as survey } from './survey.ts';
import { machine as textEditor } from './text-editor.ts';
import { machine as thermostat } from './thermostat.ts';
import { machine as toggle } from './toggle.ts';
import { machine as trafficLight } from './traffic-light.ts';
import { machine as turnstile } from './turnstile.ts';
import { machine as undoStack } from './undo-stack.ts';
import { machine as vendingMachine } from './vending-machine.ts';
import { machine as versions } from './versions.ts';
import { machine as visitLog } from './visit-log.ts';
import { machine as weatherStation } from './weather-station.ts';
import { machine as wide } from './wide.ts';
import { machine as withoutId } from './without-id.ts';
import { machine as workerPool } from './worker-pool.ts';

/** Made-up machines that together use each feature of XState 5: what every tool for statecharts is tested on. */
export interface CorpusMachine {
  /** Of its file. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly features: readonly Feature[];
  /** Events with what they carry, for a machine that reads more of one than its type. */
  readonly events: readonly EventObject[];
  readonly input?: unknown;
  /** A linter finds nothing in it. */
  readonly isClean: boolean;
}

const entry = <Machine extends AnyStateMachine>(
  name: string,
  machine: Machine,
  {
    claims = [],
    events = [],
    ...others
  }: {
    readonly claims?: readonly Feature[];
    readonly events?: readonly EventFrom<Machine>[];
    readonly input?: unknown;
    readonly isClean: boolean;
  },
): CorpusMachine => ({ name, machine, features: [...featuresOf(machine), ...claims], events, ...others });

export const corpus: readonly CorpusMachine[] = [
  entry('access-control', accessControl, {
    events: [
      { type: 'badge' },
      { type: 'pin', digits: '1234' },
      { type: 'pin', digits: '0' },
      { type: 'hour', hour: 23 },
      { type: 'leave' },
    ],
    isClean: false,
  }),
  entry('alarm-clock', alarmClock, {
    events: [{ type: 'set', minutes: 5 }, { type: 'snooze' }, { type: 'off' }],
    isClean: true,
  }),
  entry('awaiting-implementations', awaitingImplementations, {
    claims: ['start: not before others provide what it names'],
    isClean: false,
  }),
  entry('bank-account', bankAccount, {
    claims: ['actor: fromTransition'],
    events: [{ type: 'deposit', amount: 5 }, { type: 'withdraw', amount: 3 }, { type: 'close' }],
    isClean: true,
  }),
  entry('batch-import', batchImport, { isClean: true }),
  entry('booking', booking, { input: { guest: 'Ada', nights: 2 }, isClean: true }),
  entry('chat-room', chatRoom, {
    claims: ['actor: fromCallback', 'action: forwardTo'],
    events: [
      { type: 'join' },
      { type: 'leave' },
      { type: 'say', text: 'hello' },
      { type: 'heard', text: 'hello' },
      { type: 'ping' },
    ],
    isClean: true,
  }),
  entry('checkout', checkout, {
    claims: ['types: input', 'types: output'],
    input: { customer: 'Ada' },
    events: [
      { type: 'item.added', item: { name: 'tea', price: 4 } },
      { type: 'proceed' },
      { type: 'address.given', street: 'Main Street 1' },
      { type: 'card.given', number: '4111' },
      { type: 'abandon' },
    ],
    isClean: true,
  }),
  entry('countdown', countdown, { isClean: true }),
  entry('counter', counter, {
    claims: ['action: partial assign'],
    events: [
      { type: 'add', by: 2 },
      { type: 'add', by: -1 },
      { type: 'subtract', by: 1 },
      { type: 'subtract', by: 9 },
      { type: 'reset' },
    ],
    isClean: true,
  }),
  entry('cyclic-context', cyclicContext, { claims: ['context: cyclic', 'meta: cyclic'], isClean: false }),
  entry('dashboard-reset', dashboardReset, { isClean: true }),
  entry('data-fetch', dataFetch, { isClean: false }),
  entry('database-connection', databaseConnection, { input: { url: 'db://shelf' }, isClean: true }),
  entry('deep-nesting', deepNesting, { isClean: true }),
  entry('dense-300', dense300, { isClean: true }),
  entry('dense-40', dense40, { isClean: true }),
  entry('document-tabs', documentTabs, { isClean: true }),
  entry('door-alarm', doorAlarm, { isClean: false }),
  entry('elevator', elevator, {
    events: [
      { type: 'call', floor: 2 },
      { type: 'call', floor: 0 },
      { type: 'arrived' },
      { type: 'doorsClosed' },
    ],
    isClean: false,
  }),
  entry('empty', empty, { isClean: true }),
  entry('event-bus', eventBus, {
    events: [{ type: 'publish', topic: 'news' }, { type: 'shut' }],
    isClean: true,
  }),
  entry('extended-setup', extendedSetup, {
    claims: ['setup: extend', 'setup: createAction', 'setup: createStateConfig', 'types: meta'],
    isClean: false,
  }),
  entry('file-upload', fileUpload, {
    claims: ['types: emitted', 'actor: fromPromise', 'actor: fromCallback'],
    events: [{ type: 'start' }, { type: 'progress', percent: 10 }, { type: 'abort' }],
    isClean: true,
  }),
  entry('finished', finished, { isClean: true }),
  entry('finished-at-once', finishedAtOnce, { isClean: true }),
  entry('folder-tree', folderTree, { claims: ['actor: itself', 'action: spawn in assign'], isClean: true }),
  entry('greeting', greeting, { claims: ['setup: provide'], isClean: true }),
  entry('history-kinds', historyKinds, { isClean: true }),
  entry('installer', installer, { isClean: true }),
  entry('inventory', inventory, {
    claims: ['context: values that JSON does not have', 'context: cyclic'],
    events: [{ type: 'sell', article: 'bolt' }, { type: 'sell', article: 'gold' }, { type: 'count' }],
    isClean: false,
  }),
  entry('key-strokes', keyStrokes, {
    claims: ['actor: fromEventObservable'],
    events: [{ type: 'key', code: 'a' }, { type: 'stop' }],
    isClean: true,
  }),
  entry('lamp-dimmer', lampDimmer, {
    events: [{ type: 'switch' }, { type: 'turn', by: 30 }, { type: 'turn', by: -100 }],
    isClean: true,
  }),
  entry('login-form', loginForm, {
    claims: ['actor: fromPromise'],
    events: [
      { type: 'submit', email: 'ada@example.org' },
      { type: 'submit', email: 'root@example.org' },
      { type: 'retry' },
      { type: 'logOut' },
    ],
    isClean: true,
  }),
  entry('long-names', longNames, { isClean: true }),
  entry('media-player', mediaPlayer, { claims: ['types: tags'], isClean: true }),
  entry('meeting-room', meetingRoom, { isClean: true }),
  entry('menu-tree', menuTree, { isClean: false }),
  entry('modal-dialog', modalDialog, { isClean: true }),
  entry('mouse-drag', mouseDrag, {
    events: [
      { type: 'mouse.down' },
      { type: 'mouse.move', x: 1, y: 2 },
      { type: 'mouse.up' },
      { type: 'mouse.wheel.up' },
      { type: 'mouse.wheel.down' },
      { type: 'key.escape' },
    ],
    isClean: true,
  }),
  entry('nested-jobs', nestedJobs, { claims: ['meta: cyclic'], isClean: false }),
  entry('notification-center', notificationCenter, {
    events: [
      { type: 'arrived', urgent: false },
      { type: 'arrived', urgent: true },
      { type: 'readAll' },
      { type: 'quiet' },
    ],
    isClean: true,
  }),
  entry('numbered-ids', numberedIds, { isClean: true }),
  entry('order-in-chinese', orderInChinese, { isClean: true }),
  entry('order-with-payment', orderWithPayment, {
    claims: ['types: children'],
    events: [{ type: 'pay' }, { type: 'card', number: '4111' }],
    isClean: true,
  }),
  entry('oven', oven, { isClean: true }),
  entry('page-router', pageRouter, { isClean: true }),
  entry('parallel-history', parallelHistory, { isClean: true }),
  entry('parallel-without-id', parallelWithoutId, { isClean: false }),
  entry('parcel', parcel, { isClean: true }),
  entry('pedestrian-light', pedestrianLight, { isClean: false }),
  entry('phone-call', phoneCall, { isClean: false }),
  entry('ping-pong', pingPong, {
    events: [{ type: 'ready' }, { type: 'pong', round: 1 }, { type: 'enough' }],
    isClean: true,
  }),
  entry('print-queue', printQueue, {
    events: [{ type: 'print', job: 'letter' }, { type: 'printed' }, { type: 'paperAdded', sheets: 2 }],
    isClean: true,
  }),
  entry('punctuation', punctuation, { isClean: true }),
  entry('puzzle', puzzle, {
    events: [
      { type: 'try', number: 6 },
      { type: 'try', number: 0 },
    ],
    isClean: false,
  }),
  entry('quiz', quiz, {
    events: [{ type: 'answer', isRight: true }, { type: 'answer', isRight: false }, { type: 'restart' }],
    isClean: true,
  }),
  entry('quoted-names', quotedNames, { isClean: true }),
  entry('recipe-timer', recipeTimer, {
    events: [
      { type: 'cook', dish: 'pie', minutes: 40 },
      { type: 'ready', dish: 'pie' },
      { type: 'stop', dish: 'pie' },
    ],
    isClean: true,
  }),
  entry('reserved-words', reservedWords, { isClean: false }),
  entry('sign-in-names', signInNames, { isClean: false }),
  entry('smart-home', smartHome, { isClean: false }),
  entry('stock-ticker', stockTicker, { claims: ['actor: fromObservable'], isClean: true }),
  entry('strange-characters', strangeCharacters, { isClean: true }),
  entry('subscription', subscription, {
    claims: ['types: meta', 'types: tags'],
    events: [{ type: 'subscribe' }, { type: 'pay', cents: 900 }, { type: 'cancel' }],
    isClean: true,
  }),
  entry('survey', survey, {
    events: [{ type: 'rate', stars: 4 }, { type: 'skip' }, { type: 'sign' }],
    isClean: true,
  }),
  entry('text-editor', textEditor, { isClean: true }),
  entry('thermostat', thermostat, {
    events: [
      { type: 'measured', degrees: 15 },
      { type: 'measured', degrees: 25 },
      { type: 'set', degrees: 22 },
      { type: 'poll' },
    ],
    isClean: false,
  }),
  entry('toggle', toggle, { claims: ['setup', 'types: events'], isClean: true }),
  entry('traffic-light', trafficLight, { isClean: true }),
  entry('turnstile', turnstile, { isClean: true }),
  entry('undo-stack', undoStack, {
    events: [{ type: 'write', text: 'a' }, { type: 'undo' }, { type: 'redo' }],
    isClean: true,
  }),
  entry('vending-machine', vendingMachine, {
    events: [
      { type: 'coin', cents: 50 },
      { type: 'coin', cents: 3 },
      { type: 'choose', price: 50 },
      { type: 'refund' },
    ],
    isClean: true,
  }),
  entry('versions', versions, { isClean: true }),
  entry('visit-log', visitLog, {
    events: [{ type: 'page.shown', path: '/' }, { type: 'beacon' }, { type: 'signedOut' }],
    isClean: true,
  }),
  entry('weather-station', weatherStation, { claims: ['actor: fromObservable'], isClean: true }),
  entry('wide', wide, { isClean: true }),
  entry('without-id', withoutId, { isClean: true }),
  entry('worker-pool', workerPool, {
    claims: ['action: spawn in assign'],
    events: [{ type: 'hire' }, { type: 'assign', task: 'paint' }, { type: 'fire' }, { type: 'close' }],
    isClean: true,
  }),
];
