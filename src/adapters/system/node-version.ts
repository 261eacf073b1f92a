/** The oldest Node.js that runs this package, as `engines` in package.json says. */
const oldest = [22, 18] as const;

/** One line for a person if `version` (such as `v20.1.0`) is too old, else null. Imports nothing: it must run on any Node.js. */
export const nodeVersionProblem = (version: string): string | null => {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number) as [number, number];
  const isRecent = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return isRecent ? null : `Node.js ${oldest.join('.')} or newer is required, this is ${version}`;
};
