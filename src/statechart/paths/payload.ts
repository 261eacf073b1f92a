/** What an event carries besides its type. */
export type Payload = Readonly<Record<string, unknown>>;
