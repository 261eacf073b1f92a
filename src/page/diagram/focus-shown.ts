/** Puts the focus on what is selected in the picture or in the list; in a picture without a selection, on where Tab enters it. */
export const focusShown = (): void =>
  document.querySelector<SVGElement | HTMLElement>('.canvas [tabindex="0"], .list [aria-current]')?.focus();
