/** A package that only this one thing needs is not installed: one line that says what to do. */
export class PackageMissing extends Error {
  override readonly name = 'PackageMissing';
}

/** Loads the optional package `name` by `load`, an `import()` of it. Rejects with `PackageMissing` if it is not installed. */
export const optionalPackage = async <Module>(
  name: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> => {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`);
    if (!isMissing) throw error;
    throw new PackageMissing(`${purpose} needs ${name}, which is not installed: npm install ${name}`);
  }
};
