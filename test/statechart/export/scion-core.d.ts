/** The part of SCION that the tests use; its own types are for an old TypeScript. */
declare module 'scion-core' {
  class Statechart {
    constructor(model: () => object, options: object);
    _exitInterpreter: () => void;
    readonly _internalEventQueue: { readonly name: string; readonly data?: unknown }[];
    on(event: 'onSmallStepBegin', listener: () => void): void;
    start(): string[];
    isIn(id: string): boolean;
    getConfiguration(): string[];
    gen(event: { readonly name: string; readonly data?: unknown }): string[];
  }
  const scion: { readonly Statechart: typeof Statechart };
  export default scion;
}
