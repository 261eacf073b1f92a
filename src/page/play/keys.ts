import { cancelCutting, turnCutting } from './ring/cutting.ts';
import { selected, showEnd, showFrame, stepBack, stepOn } from './session.ts';
import { turnRunning } from './time/transport.tsx';

/** Keys that work anywhere on the page but where keys mean something else. */
const actions: Readonly<Record<string, () => void>> = {
  ' ': turnRunning,
  '.': () => void stepOn('event'),
  ',': () => stepBack('event'),
  m: () => void stepOn('message'),
  t: () => void stepOn('transition'),
  Home: () => showFrame(0),
  End: showEnd,
  x: turnCutting,
  Escape: () => {
    if (!cancelCutting()) selected.value = null;
  },
};

export const followKeys = (): void => {
  addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey, defaultPrevented, target } = event;
    if (ctrlKey || metaKey || altKey || defaultPrevented || !Object.hasOwn(actions, key)) return;
    if (!(target instanceof Element) || target.closest('input, select, textarea, dialog') !== null) return;
    if (key === ' ' && target.closest('button, [role=button], [role=tab], summary') !== null) return;
    event.preventDefault();
    actions[key]!();
  });
};
