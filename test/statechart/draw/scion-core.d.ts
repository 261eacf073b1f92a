/** The part of SCION that the tests use; its own types are for an old TypeScript. */
declare module 'scion-core' {
  class Statechart {
    constructor(model: () => object, options: object);
    start(): string[];
    gen(event: { readonly name: string; readonly data?: unknown }): string[];
  }
  const scion: { readonly Statechart: typeof Statechart };
  export default scion;
}
