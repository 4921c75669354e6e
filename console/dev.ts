// `npm run console`: vite's server, which shows a change at once and asks a Wheelhouse that runs for everything else.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { consoleRouter } from './config.ts';

const target = consoleRouter();
// The router takes cookies from pages of its own host alone (docs/decisions/0042-browser-sessions.md): it is told that this is one.
const door = { target, changeOrigin: true, ws: true, headers: { origin: target } };
const server = await createServer({
  root: fileURLToPath(new URL('.', import.meta.url)),
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/graphql', '/session', '/export', '/graphiql', '/health'].map((path) => [path, door])),
  },
});
await server.listen();
server.printUrls();
