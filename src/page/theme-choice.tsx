import { Select } from './select.tsx';
import { theme } from './state/theme.ts';

/** The colours of the page. */
export const ThemeChoice = () => (
  <Select
    label="Colours"
    value={theme.value}
    options={['auto', 'light', 'dark']}
    choose={(chosen) => {
      theme.value = chosen;
    }}
  />
);
