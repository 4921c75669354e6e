// A router over the small estate in a process of its own, which tells its memory. It writes its address as the first message; for
// every message that it gets it answers with the resident memory now, and the most of it since the answer before.

import { startLiveRouter } from './live.ts';

// What is sent to it is to be taken in, however much it is.
const rates = { operations: 0, cost: 0, work: 0, fields: [], redisUrl: null };
// Who reads nothing answers no ping either, and is not to be cut for that.
const { router } = await startLiveRouter({ config: { rates, keepAliveMs: 600_000 } });
let peakBytes = 0;
const look = (): number => {
  const bytes = process.memoryUsage.rss();
  peakBytes = Math.max(peakBytes, bytes);
  return bytes;
};
setInterval(look, 2).unref();
process.on('message', () => {
  const bytes = look();
  process.send?.({ bytes, peakBytes });
  peakBytes = bytes;
});
process.on('disconnect', () => process.exit());
process.send?.({ url: router.url });
