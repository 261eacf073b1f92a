import { effect, signal } from '@preact/signals';
import { isNarrow, selected } from './place.ts';

/** Whether the details stand beside the picture, or below it in a narrow window. */
export const isPanelOpen = signal(true);

/** Opens the details with each selection, and in a narrow window keeps them closed until then. */
export const followPanel = (): void => {
  if (isNarrow()) isPanelOpen.value = false;
  effect(() => {
    if (selected.value !== null) isPanelOpen.value = true;
  });
  effect(() => {
    document.documentElement.dataset.panel = isPanelOpen.value ? 'open' : 'closed';
  });
};

export const closePanel = (): void => {
  isPanelOpen.value = false;
  if (isNarrow()) selected.value = null;
};
