export type Theme = 'light' | 'dark';

/** What a colour means. Each meaning also has a shape, a word or a position of its own, so that colour is never alone. */
export type Paint =
  | 'paper'
  | 'panel'
  | 'heading'
  | 'line'
  | 'ink'
  | 'faint'
  | 'move'
  | 'stay'
  | 'timer'
  | 'added'
  | 'removed'
  | 'changed'
  | 'band';

/** Hues of Okabe and Ito, told apart by people of any colour vision; text keeps a contrast of 4.5 or more on its ground. */
export const palettes: Readonly<Record<Theme, Readonly<Record<Paint, string>>>> = {
  light: {
    paper: '#ffffff',
    panel: '#fbfbfc',
    heading: '#eaf2f8',
    line: '#b9c0c7',
    ink: '#17191c',
    faint: '#5f666d',
    move: '#0072b2',
    stay: '#00795a',
    timer: '#8a5a00',
    added: '#00795a',
    removed: '#b84a00',
    changed: '#8a3f73',
    band: '#f1f4f7',
  },
  dark: {
    paper: '#14171a',
    panel: '#1b1f23',
    heading: '#213040',
    line: '#4a525a',
    ink: '#e9ecef',
    faint: '#a3abb3',
    move: '#56b4e9',
    stay: '#2fc79c',
    timer: '#e69f00',
    added: '#2fc79c',
    removed: '#f08a45',
    changed: '#dd9cc0',
    band: '#1d2228',
  },
};
