import { expect, it } from 'vitest';
import { malformedRequest, seededDice } from './malformed-requests.ts';
import { exchangeRaw, statusOf } from './raw-client.ts';
import { SingleNode, serve } from './single-node.ts';

it('1,000 malformed requests: each refused, none proposed, and the server still serves', async () => {
  const seed = 20_240_607;
  const dice = seededDice(seed);
  const node = new SingleNode();
  const api = await serve(node);
  for (let round = 0; round < 50; round++) {
    const batch = Array.from({ length: 20 }, () => malformedRequest(dice));
    const answers = await Promise.all(batch.map(({ bytes }) => exchangeRaw(api.port, bytes)));
    for (const [i, answer] of answers.entries()) {
      const status = statusOf(answer);
      expect(status === 0 || status >= 400, `seed ${seed}: ${batch[i]!.kind} was answered ${answer}`).toBe(
        true,
      );
    }
    expect(node.submitted, `seed ${seed}: proposed in round ${round}`).toBe(0);
  }
  expect(statusOf(await exchangeRaw(api.port, 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n'))).toBe(200);
  await api.close(0);
}, 30_000);
