import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const key = 'raftchart.theme';
const stored = localStorage.getItem(key);

/** `auto` follows the system. */
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');

export const followTheme = (): void => {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    if (theme.value === 'auto') localStorage.removeItem(key);
    else localStorage.setItem(key, theme.value);
  });
};
