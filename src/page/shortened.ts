/** A text of at most so many letters; an ellipsis stands for what is missing. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
