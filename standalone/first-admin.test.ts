import { readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { chooseFirstAdmin, findSignIn, signInCommands } from './first-admin.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('draws a password that the next start has too, until one has told it', async () => {
  const first = await chooseFirstAdmin(folder, {});
  expect(first).toMatchObject({ password: expect.stringMatching(/^([0-9a-f]{6}-){4}[0-9a-f]{6}$/), isDrawn: true });
  const file = join(folder, 'first-admin');
  expect(await readFile(file, 'utf8')).toBe(`${first.password}\n`);
  expect((await stat(file)).mode & 0o077).toBe(0);
  const second = await chooseFirstAdmin(folder, {});
  expect(second.password).toBe(first.password);
  await second.forget();
  expect((await chooseFirstAdmin(folder, {})).password).not.toBe(first.password);
});

it('takes the password of the settings, and keeps it nowhere', async () => {
  const chosen = await chooseFirstAdmin(join(folder, 'nowhere'), {
    WHEELHOUSE_ADMIN_PASSWORD: 'correct horse battery',
  });
  expect(chosen).toMatchObject({ password: 'correct horse battery', isDrawn: false });
});

it('shows a password only where it was drawn now and signs in', async () => {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () =>
        response.end(JSON.stringify({ email: 'a@b', signsIn: request.headers.authorization === 'Bearer right' })),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accountsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const find = (serviceToken: string, isDrawn: boolean) =>
    findSignIn({ accountsUrl, serviceToken, chosen: { password: 'pass-word', isDrawn } });
  const shown = await find('right', true);
  expect(shown).toMatchObject({ email: 'a@b', password: 'pass-word', shown: expect.stringContaining('pass-word') });
  for (const other of [await find('right', false), await find('wrong', true)]) {
    expect(other.password).toBeNull();
    expect(signInCommands('http://graph', other, '{ me { id } }').join('\n')).toContain('PASSWORD');
    expect(JSON.stringify(other)).not.toContain('pass-word');
  }
  server.close();
});
