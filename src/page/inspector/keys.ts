import { isInspecting, showLive } from '../state/inspected.ts';
import { currentRow, moveStep, rows, showRow } from './rows.ts';

/** Keys that lead through time while the inspector is open, anywhere but in what has arrow keys of its own. */
const actions: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => moveStep(-1),
  ArrowRight: () => moveStep(1),
  PageUp: () => showRow(currentRow.peek() - 10),
  PageDown: () => showRow(Math.min(currentRow.peek() + 10, rows.peek().length - 1)),
  l: showLive,
};

const own = 'input, select, textarea, summary, pre, .canvas, [role=tablist], [role=tree]';

export const followInspectorKeys = (): void => {
  addEventListener(
    'keydown',
    (event) => {
      const { target, ctrlKey, metaKey, altKey, shiftKey } = event;
      if (!isInspecting.peek() || ctrlKey || metaKey || altKey || shiftKey) return;
      if (target instanceof Element && target.closest(own) !== null) return;
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      action();
    },
    { capture: true },
  );
};
