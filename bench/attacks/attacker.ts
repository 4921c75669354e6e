// Who attacks. Told over IPC {url, name}; says that it is under way, goes on until it is told 'stop', and says then how much it sent.
import { ATTACKS } from './kinds.ts';

type Order = { url: string; name: string } | 'stop';

let running: { stop: AbortController; done: Promise<unknown>; sent: { count: number } } | null = null;

process.on('message', async (order: Order) => {
  if (order === 'stop') {
    running?.stop.abort();
    await running?.done;
    process.send?.({ sent: running?.sent.count ?? 0 });
    running = null;
    return;
  }
  const stop = new AbortController();
  const sent = { count: 0 };
  const attack = ATTACKS[order.name];
  if (attack === undefined) throw new Error(`there is no attack ${order.name}`);
  const done = attack({ url: new URL(order.url), signal: stop.signal, sent });
  running = { stop, done, sent };
  process.send?.({ started: true });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
