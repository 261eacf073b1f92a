import { spawn } from 'node:child_process';
import { AdapterUnusable } from '../../conformance/adapter.ts';
import { AdapterLines, type Line, type LineEvents } from './adapter-lines.ts';

/** How much of its standard error is kept for display. */
const keptStderr = 4_000;

/** An adapter that is a shell command, over its standard input and output. */
export class AdapterProcess extends AdapterLines {
  protected readonly whenSilent = 'does it flush its standard output after each line?';
  readonly #command: string;
  #stderr = '';

  constructor(command: string, timeoutMs: number) {
    super(timeoutMs);
    this.#command = command;
  }

  get stderr(): string {
    return this.#stderr;
  }

  protected open({ onText, onEnd, onNotOpened }: LineEvents): Line {
    this.#stderr = '';
    // A process group of its own, so that whatever the shell starts ends with it.
    const child = spawn('sh', ['-c', this.#command], { stdio: 'pipe', detached: true });
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', onText);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
    // `close` comes after the last of its output; `exit` may come earlier.
    child.on('close', (code, signal) =>
      onEnd(`its process ended (${signal ?? `exit code ${code}`})`, this.#complaint()),
    );
    child.on('error', (error) =>
      onNotOpened(new AdapterUnusable(`cannot start the adapter: ${error.message}`)),
    );
    return {
      write: (text) => child.stdin.write(text),
      stop: () => {
        if (child.pid === undefined) return;
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended already.
        }
      },
    };
  }

  /** The lines of a stack are indented. */
  #complaint(): string | undefined {
    return this.#stderr
      .split('\n')
      .find((line) => /^(?!\s).*(error|panic|exception)/i.test(line))
      ?.trim();
  }
}
