// Where our router's traces go: it takes all of them and keeps none. Asked over IPC, it says how many bytes have come.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let receivedBytes = 0;
const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', () => process.send?.({ receivedBytes }));
process.on('disconnect', () => process.exit(0));
