import { type Answer, refusal } from '../answer.ts';

/** A request that makes no sense, with its answer. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(String(answer.body));
    this.answer = answer;
  }
}

export const badRequest = (message: string): RequestRefused =>
  new RequestRefused(refusal(400, 'bad_request', message));

/** What `act` returns, or the answer of the `RequestRefused` that it throws. */
export const refusable = <Result>(act: () => Result): Result | Answer => {
  try {
    return act();
  } catch (error) {
    if (error instanceof RequestRefused) return error.answer;
    throw error;
  }
};
