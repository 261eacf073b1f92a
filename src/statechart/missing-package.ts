/** A package that only this one thing needs is not installed: one line that says what to do. */
export class PackageMissing extends Error {
  override readonly name = 'PackageMissing';
}

/** Loads the optional packages `names` by `load`, an `import()` of them. Rejects with `PackageMissing` if one is not installed. */
export const optionalPackages = async <Module>(
  names: readonly string[],
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> => {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    const missing = names.find((name) => message.includes(`'${name}'`));
    if (code !== 'ERR_MODULE_NOT_FOUND' || missing === undefined) throw error;
    throw new PackageMissing(
      `${purpose} needs ${missing}, which is not installed: npm install ${names.join(' ')}`,
    );
  }
};

/** The same for one. */
export const optionalPackage = <Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> => optionalPackages([name], purpose, load);
