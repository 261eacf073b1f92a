import { signal } from '@preact/signals';
import { listenUrl } from '../state/inspected.ts';

/** What was copied last. */
const copied = signal<string | null>(null);

/** How to connect a program, while none is. */
export const Connect = () => {
  const url = listenUrl.value;
  return (
    <article class="connect">
      <h2>No program is connected</h2>
      <p>
        Any program that uses XState 5 can be inspected, in Node.js or in a browser. Programs connect to{' '}
        <code>{url}</code>.
      </p>
      <h3>With this package, which can also send events to actors</h3>
      <Lines text="npm install raftchart" />
      <Lines
        text={`import { createInspector } from 'raftchart/inspect';\n\nconst { inspect } = createInspector({ url: '${url}' });\ncreateActor(machine, { inspect }).start();`}
      />
      <h3>With Stately's inspector, as your program may already have it</h3>
      <Lines text="npm install @statelyai/inspect" />
      <Lines
        text={`import { createWebSocketInspector } from '@statelyai/inspect';\n\nconst { inspect } = createWebSocketInspector({ url: '${url}' });\ncreateActor(machine, { inspect }).start();`}
      />
      <h3>In a browser, with this page as the inspector's window</h3>
      <Lines
        text={`import { createBrowserInspector } from '@statelyai/inspect';\n\nconst { inspect } = createBrowserInspector({ url: '${location.origin}/' });\ncreateActor(machine, { inspect }).start();`}
      />
    </article>
  );
};

const Lines = ({ text }: { readonly text: string }) => (
  <div class="lines">
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard. */}
    <pre tabIndex={0}>{text}</pre>
    <button
      type="button"
      aria-label={`Copy ${text.split('\n')[0]}`}
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => {
            copied.value = text;
          },
          () => {},
        )
      }
    >
      {copied.value === text ? 'copied' : 'copy'}
    </button>
  </div>
);
