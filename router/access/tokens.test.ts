import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startAccounts } from '../testing/accounts.ts';
import { createTokenReader } from './tokens.ts';

it('reads tokens by keys that it fetched before anybody asked, also where the first try failed', async () => {
  const accounts = await startAccounts();
  const token = await accounts.issue({ name: 'ann@example.org' });
  accounts.setAway(true);
  const server = createServer((request, response) =>
    accounts.source.routes?.[new URL(request.url ?? '', 'http://accounts').pathname]?.(request, response),
  ).listen(0, '127.0.0.1');
  const aborter = new AbortController();
  onTestFinished(() => {
    aborter.abort();
    server.close();
  });
  await expect.poll(() => server.listening).toBe(true);
  const { port } = server.address() as AddressInfo;
  const now = (): Date => new Date();
  const read = createTokenReader(new URL(`http://127.0.0.1:${port}`), { now, signal: aborter.signal });
  await expect.poll(() => accounts.asked.jwks).toBe(1);
  accounts.setAway(false);
  await expect.poll(() => accounts.asked.jwks).toBe(2);
  accounts.setAway(true);
  expect(await read(token)).toMatchObject({ kind: 'valid', identity: { name: 'ann@example.org' } });
  expect(accounts.asked.jwks).toBe(2);
});
