import { connect, type Socket } from 'node:net';
import { AdapterUnusable } from '../../conformance/adapter.ts';
import { type Address, addressText } from '../../ports/address.ts';
import { AdapterLines, type Line, type LineEvents } from './adapter-lines.ts';

/** How long after a refused connection the next one is tried. */
const retryMs = 100;

/**
 * An adapter that already runs, over one TCP connection. Where it broke, the next `init` connects once more; since nobody here can start
 * it again, that waits for whoever does, as long as an answer may take.
 */
export class AdapterConnection extends AdapterLines {
  protected readonly whenSilent = 'does it flush after each line?';
  readonly stderr = '';
  readonly #address: Address;

  constructor(address: Address, timeoutMs: number) {
    super(timeoutMs);
    this.#address = address;
  }

  protected open({ onText, onEnd, onNotOpened }: LineEvents): Line {
    const at = addressText(this.#address);
    let socket: Socket;
    let retry: NodeJS.Timeout | undefined;
    let trouble: string | undefined = `not connected to ${at}`;
    // What was written before there was a connection.
    let unsent = '';
    const tryIt = () => {
      let code = '';
      socket = connect(this.#address);
      socket.setNoDelay(true).setEncoding('utf8').on('data', onText);
      socket.on('connect', () => {
        trouble = undefined;
        socket.write(unsent);
        unsent = '';
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        code = error.code ?? error.message;
      });
      socket.on('close', () => {
        if (trouble === undefined) onEnd(`its connection ${code === '' ? 'closed' : `broke (${code})`}`);
        else if (!this.hasAnswered) {
          onNotOpened(new AdapterUnusable(`cannot connect to an adapter at ${at}: ${code}`));
        } else {
          trouble = `cannot connect to ${at} any more: ${code}`;
          retry = setTimeout(tryIt, retryMs);
        }
      });
    };
    tryIt();
    return {
      write: (text) => {
        if (trouble === undefined) socket.write(text);
        else unsent += text;
      },
      stop: () => {
        clearTimeout(retry);
        socket.removeAllListeners('close').destroy();
      },
      get trouble() {
        return trouble;
      },
    };
  }
}
