import { registerHooks } from 'node:module';

/** For `node --import`: the examples import the package by its name; here that means the source as it stands, and not what was built. */
registerHooks({
  resolve: (specifier, context, next) => {
    const match = /^raftchart(?:\/([a-z-]+))?$/.exec(specifier);
    if (match === null) return next(specifier, context);
    return next(new URL(`../../src/entry/${match[1] ?? 'index'}.ts`, import.meta.url).href, context);
  },
});
