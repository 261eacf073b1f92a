/** Where the server takes what this page forwards. */
const bridge = 'inspect-bridge';
/** Messages that come before the connection stands, or while it is lost. */
const maxWaiting = 1000;
/** As many as the server shows of one program. */
const maxActors = 5000;
/** Not sent yet; what comes while there is more is lost. */
const maxBufferedBytes = 16 * 1024 * 1024;
const retryMs = 2000;

/** Opened as the window of `createBrowserInspector`, this page forwards to the server what its opener posts. Does nothing where there is none. */
export const followOpener = (): void => {
  const other = window.opener as Window | null;
  if (other === null) return;
  let socket: WebSocket | null = null;
  let waiting: string[] = [];
  let origin = '';
  /** What the other has introduced: told again on each connection. */
  const actors = new Map<string, string>();
  const instance = `${Date.now()}-${Math.random()}`;
  const dial = (): void => {
    const dialed = new WebSocket(new URL(bridge, location.href.replace(/^http/, 'ws')));
    dialed.onopen = () => {
      const name = URL.parse(origin)?.host || 'a page';
      dialed.send(JSON.stringify({ type: '@raftchart.hello', name, takesEvents: false, instance, origin }));
      for (const text of [...actors.values(), ...waiting]) dialed.send(text);
      waiting = [];
      socket = dialed;
    };
    dialed.onclose = () => {
      socket = null;
      setTimeout(dial, retryMs);
    };
  };
  addEventListener('message', ({ source, data, origin: from }: MessageEvent<unknown>) => {
    if (source !== other || !isInspection(data)) return;
    if (origin === '') {
      origin = from;
      dial();
    }
    if (from !== origin) return;
    const text = JSON.stringify(data);
    if (data.type === '@xstate.actor') {
      actors.set(`${data.sessionId}`, text);
      if (actors.size > maxActors) actors.delete(actors.keys().next().value!);
    }
    if (socket !== null) {
      if (socket.bufferedAmount <= maxBufferedBytes) socket.send(text);
    } else if (data.type !== '@xstate.actor' && waiting.length < maxWaiting) waiting.push(text);
  });
  other.postMessage({ type: '@statelyai.connected' }, '*');
};

interface Inspection {
  readonly type: string;
  readonly [field: string]: unknown;
}

const isInspection = (data: unknown): data is Inspection =>
  typeof data === 'object' &&
  data !== null &&
  'type' in data &&
  typeof data.type === 'string' &&
  data.type.startsWith('@xstate.');
