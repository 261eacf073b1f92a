let depth = 0;

/** Runs `load`, which loads or resolves for the hooks themselves: they let that pass. */
export const outsideHooks = <T>(load: () => T): T => {
  depth += 1;
  try {
    return load();
  } finally {
    depth -= 1;
  }
};

export const isOutsideHooks = (): boolean => depth > 0;
