import { type Theme, theme } from './state/theme.ts';

/** The colours of the page. */
export const ThemeChoice = () => (
  <label>
    <span class="hidden">Colours</span>
    <select
      value={theme}
      onChange={(event) => {
        theme.value = event.currentTarget.value as Theme;
      }}
    >
      <option value="auto">auto</option>
      <option value="light">light</option>
      <option value="dark">dark</option>
    </select>
  </label>
);
