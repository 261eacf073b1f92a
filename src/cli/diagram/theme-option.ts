import { Option } from 'commander';

/** `--theme` of all commands that draw. */
export const themeOption = (): Option =>
  new Option('--theme <theme>', "colours; auto: as the reader's system")
    .choices(['light', 'dark', 'auto'])
    .default('light');
