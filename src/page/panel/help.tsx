import { signal } from '@preact/signals';

export const isHelpOpen = signal(false);

const keys = [
  ['/', 'search'],
  ['↓ ↑', 'next and previous rule'],
  ['→ ←', 'to where a rule leads; to the state that has it'],
  ['Enter', 'to the details of a rule'],
  ['[ ]', 'previous and next view'],
  ['+ − 0', 'zoom in, out, to fit'],
  ['Shift + arrows', 'move the picture'],
  ['Esc', 'from the details back; select nothing'],
  ['?', 'show or hide this'],
] as const;

/** The keys, and what else one cannot see. */
export const Help = () => (
  <section class="help" aria-label="Keys">
    <h2>Keys</h2>
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
    <p>Drag or scroll to move the picture; scroll with Ctrl, or pinch, to zoom.</p>
  </section>
);
