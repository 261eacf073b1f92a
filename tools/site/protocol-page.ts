import { protocolFile } from '../../src/cli/diagram/protocol-file.ts';

const namesAreLinked = 'Names link to the lines that define them; below a';

/** `docs/protocol.md`, in which states and branches lead to the live chart. Names lead nowhere if nobody reads the sources. */
export const protocolText = async (root: string, base: string, hasSources: boolean): Promise<string> => {
  const { content } = await protocolFile(
    root,
    (chart, id) => `${base}charts/index.html#/${chart}/overview?${encodeURIComponent(id)}`,
  );
  if (!content.includes(namesAreLinked))
    throw new Error(`docs/protocol.md no longer says "${namesAreLinked}"`);
  return hasSources
    ? content
    : content.replace(namesAreLinked, 'The live chart shows the code of each guard and action; below a');
};
