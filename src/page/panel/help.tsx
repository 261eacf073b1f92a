import { computed, signal } from '@preact/signals';
import { isInspecting } from '../state/inspected.ts';
import { isPanelOpen } from '../state/panel.ts';

const isOpen = signal(false);
/** Whether the keys are in sight. */
export const isHelpShown = computed(() => isOpen.value && isPanelOpen.value);

export const turnHelp = (): void => {
  isOpen.value = !isHelpShown.peek();
  isPanelOpen.value ||= isOpen.value;
};

export const closeHelp = (): void => {
  isOpen.value = false;
};

const keys = [
  ['/', 'search'],
  ['↓ ↑', 'next and previous rule'],
  ['→ ←', 'from a rule to its target, to its source'],
  ['Enter', 'open the details of a rule'],
  ['[ ]', 'previous and next view'],
  ['+ − 0', 'zoom in, zoom out, fit'],
  ['Shift + arrows', 'move the picture'],
  ['Esc', 'leave the details; clear the selection'],
  ['?', 'show or hide this'],
] as const;

/** Outside the picture, while the inspector is open. */
const inspectorKeys = [
  ['← →', 'one step back, one step forward in time'],
  ['Page Up, Page Down', 'ten steps back, ten steps forward'],
  ['L', 'follow live'],
] as const;

/** The keys, and what else one cannot see. */
export const Help = () => (
  <section class="help" aria-label="Keys">
    <h2>Keys</h2>
    <Keys keys={keys} />
    {isInspecting.value && (
      <>
        <h3>Outside the picture, through time</h3>
        <Keys keys={inspectorKeys} />
      </>
    )}
    <p>Drag or scroll to move the picture; scroll with Ctrl, or pinch, to zoom.</p>
  </section>
);

const Keys = ({ keys }: { readonly keys: readonly (readonly [key: string, meaning: string])[] }) => (
  <dl>
    {keys.map(([key, meaning]) => (
      <div key={key}>
        <dt>
          <kbd>{key}</kbd>
        </dt>
        <dd>{meaning}</dd>
      </div>
    ))}
  </dl>
);
