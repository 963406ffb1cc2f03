/** How much the web server tells whoever watches the station, so that a quiet stream is not taken for a quick page. */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { Client } from '../e2e/world/api';
import type { World } from './world';

/** Piles told as changed per second, over so many seconds. */
export async function changesTold(world: World, seconds: number): Promise<number> {
  const { tokens } = await Client.signIn(world.base, world.account, world.password);
  const answer = await fetch(`${world.base}/station/monitor/stream?sta_id=${world.station}`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  if (!answer.ok || !answer.body) throw new Error(`the stream: ${answer.status}`);
  const reader = answer.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  let [begun, changes] = [0, 0];
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const { event, data } = next.value;
    // What is before the first event took as long as it took to connect.
    if (event === 'snapshot') begun = performance.now();
    if (event === 'change') changes += (JSON.parse(data) as { piles: unknown[] }).piles.length;
    if (begun && performance.now() - begun > seconds * 1000) break;
  }
  await reader.cancel();
  return changes / ((performance.now() - begun) / 1000);
}
