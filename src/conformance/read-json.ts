import * as v from 'valibot';

/** Reads `text`, which is called `name`, as JSON of this form. Throws an `Error` of one line that says what is wrong where; `whole`: with the value as a whole. */
export const readJson = <Output>(
  text: string,
  schema: v.GenericSchema<unknown, Output>,
  whole: string,
  name = 'it',
): Output => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON`);
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue) ?? whole}: ${issue.message}`);
};
