import './stand-ins/globals.ts';
import { answerFinder, type FinderRequest } from '../../simulate/counterexample/finder.ts';
import { Engine, type Request } from '../../simulate/play/engine.ts';

const engine = new Engine();
/** Each is answered before the next is looked at. */
let answered: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<Request | FinderRequest>) => {
  answered = answered.then(async () => {
    try {
      if (data.type === 'find' || data.type === 'tell') await answerFinder(data, (news) => postMessage(news));
      else postMessage(await engine.answer(data));
    } catch (error) {
      postMessage({ crashed: error instanceof Error ? error.message : String(error) });
    }
  });
});
