import { useComputed } from '@preact/signals';
import { head, playPart, recording, story, version } from './session.ts';

/** What the storyteller says of what is shown, and the way to what comes next. */
export const StoryWords = () => {
  const said = useComputed(() => {
    version.value;
    const by = recording.toldBy(head.value.index);
    return recording.told.slice(0, by).findLast(({ who }) => who === 'story')?.what ?? null;
  });
  const next = useComputed(() => story.value?.next ?? null).value;
  const hasFailed = useComputed(() => (story.value?.failure ?? null) !== null).value;
  if (said.value === null) return null;
  return (
    <section class="story-words" aria-label="Story">
      <p aria-live="polite">{said.value}</p>
      <button
        type="button"
        class="primary"
        disabled={next === null || hasFailed}
        onClick={() => void playPart()}
      >
        {next === null ? 'The end' : 'Next'}
      </button>
    </section>
  );
};
