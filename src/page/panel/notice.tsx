import { changeProblems } from '../state/changes.ts';
import { failure, leaveUnknown, unknown } from '../state/place.ts';

/** What went wrong, above the picture, with a way back where there is one. */
export const Notice = () => (
  <div class="notices">
    {changeProblems.value.map((problem) => (
      <p key={problem} class="problem" role="alert">
        {problem}
      </p>
    ))}
    <Failure />
  </div>
);

const Failure = () => {
  if (failure.value !== null)
    return (
      <p class="problem" role="alert">
        {failure.value}
      </p>
    );
  if (unknown.value === null) return null;
  return (
    <p class="problem" role="alert">
      {unknown.value}{' '}
      <button type="button" class="link" onClick={leaveUnknown}>
        Show the chart
      </button>
    </p>
  );
};
