/** Of the keys of the lock, election or queue `name`: not those of any other name. Throws `RangeError`. */
export const prefixOf = (name: string): string => {
  if (name !== '' && !name.includes('//') && !name.endsWith('/')) return `${name}//`;
  throw new RangeError(
    `a name such as jobs/mail has no // in it and no / at the end, unlike ${JSON.stringify(name)}`,
  );
};
