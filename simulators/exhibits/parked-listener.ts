// A thread that listens and accepts nothing: it stands still at once, so that nobody takes connections out of the queue. Node has no
// way to listen without accepting.
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { host, port, end }: { host: string; port: number; end: Int32Array } = workerData;

const server = createServer();
server.on('error', (err) => {
  throw err;
});
// The shortest queue that Node asks for: 0 would mean its default.
server.listen({ host, port, backlog: 1 }, () => {
  parentPort?.postMessage('listening');
  Atomics.wait(end, 0, 0);
  server.close();
});
