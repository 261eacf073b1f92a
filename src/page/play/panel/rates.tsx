import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type RateName, rateIn, ratesOf } from '../directives.ts';
import { act, frame } from '../session.ts';

/** What becomes of every message: the sliders stand at the rates of what is shown. */
export const Rates = () => (
  <fieldset class="sliders">
    <legend>Every message</legend>
    <Slider name="loss" words="lost" unit="%" usualMax={100} />
    <Slider name="duplicates" words="repeated" unit="%" usualMax={100} />
    <Slider name="reorders" words="overtaken" unit="%" usualMax={100} />
    <Slider name="least" words="takes at least" unit="ms" usualMax={150} />
    <Slider name="most" words="takes at most" unit="ms" usualMax={150} />
  </fieldset>
);

/** A slider that is moved by keys comes to rest after so long. */
const restMs = 300;

const Slider = ({
  name,
  words,
  unit,
  usualMax,
}: {
  readonly name: RateName;
  readonly words: string;
  readonly unit: string;
  readonly usualMax: number;
}) => {
  /** Where it is being moved to; null: it is not. */
  const moved = useSignal<number | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const inForce = rateIn(frame.value.rates, name);
  const shown = moved.value ?? inForce;
  const set = async (value: number): Promise<void> => {
    rest.current = undefined;
    if (value !== rateIn(frame.value.rates, name)) await act(ratesOf(frame.value.rates, name, value));
    if (rest.current === undefined) moved.value = null;
  };
  return (
    <label class="field">
      <span>{words}</span>
      <input
        type="range"
        min={0}
        max={Math.max(usualMax, inForce)}
        value={shown}
        onInput={(event) => {
          moved.value = event.currentTarget.valueAsNumber;
        }}
        onChange={(event) => {
          const value = event.currentTarget.valueAsNumber;
          clearTimeout(rest.current);
          rest.current = setTimeout(() => void set(value), restMs);
        }}
      />
      <output>{`${shown} ${unit}`}</output>
    </label>
  );
};
