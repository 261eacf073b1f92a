import type { AdapterRequest } from '../../conformance/protocol.ts';
import { requestSchema } from '../../conformance/protocol-schema.ts';
import { readJson } from '../../conformance/read-json.ts';

/** One line of the kit. Throws an `Error` of one line that says what is wrong with it. */
export const parseRequest = (line: string): AdapterRequest =>
  readJson(line, requestSchema, 'the request', 'the line');
