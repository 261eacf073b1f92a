import { happened } from '../state/cluster-nodes.ts';

/** What happened in the live cluster since the page was opened, the newest first. */
export const ClusterLog = () => (
  <section class="cluster-log">
    <h2 id="cluster-log-title">What happened</h2>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it with the keyboard. */}
    <div role="log" aria-labelledby="cluster-log-title" tabIndex={0}>
      <ol>
        {happened.value.toReversed().map(({ kind, text, at }) => (
          <li key={`${at.getTime()} ${text}`} class={`event is-${kind}`}>
            <time dateTime={at.toISOString()}>{clockTime.format(at)}</time> {text}
          </li>
        ))}
      </ol>
    </div>
    {happened.value.length === 0 && <p class="faint">Nothing yet.</p>}
  </section>
);

const clockTime = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
