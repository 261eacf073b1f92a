/** An import of node:http would read each property of the module, and WebSocket among them loads all of undici: some 40 ms of processor time and 14 MB in every process. */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http');
