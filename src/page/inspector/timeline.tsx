import { allNews, position, showLive, showPosition, step } from '../state/inspected.ts';
import { moveStep, sentenceOf, subjectOf } from './rows.ts';

/** Where in time the page is: back and forth, and to what comes now. */
export const Timeline = () => {
  const count = allNews.value.length;
  const news = allNews.value[position.value];
  const text = news === undefined ? 'nothing yet' : `${subjectOf(news)}: ${sentenceOf(news)}`;
  return (
    <section class="timeline" aria-label="Time">
      <div class="steps-to">
        <button type="button" aria-label="Step back" title="Step back  ←" onClick={() => moveStep(-1)}>
          ←
        </button>
        <button type="button" aria-label="Step forward" title="Step forward  →" onClick={() => moveStep(1)}>
          →
        </button>
        <button
          type="button"
          class="live-button"
          title="Follow what comes  L"
          aria-pressed={step.value === null}
          onClick={showLive}
        >
          live
        </button>
      </div>
      <input
        type="range"
        min={0}
        max={Math.max(0, count - 1)}
        value={Math.max(0, position.value)}
        aria-label="Time"
        aria-valuetext={`${position.value + 1} of ${count}: ${text}`}
        disabled={count === 0}
        onInput={(event) => showPosition(event.currentTarget.valueAsNumber)}
      />
      <span class="where-in-time">
        {position.value + 1} / {count}
      </span>
      <span class="what" title={text}>
        {text}
      </span>
    </section>
  );
};
