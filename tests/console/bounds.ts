import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { expect, it } from 'vitest';
import { settle, signIn, told, type Visitor } from './browser.ts';

const SCRIPT_LIMIT_BYTES = 400_000;

/** What no page may outgrow: who can read the tokens, and how much is loaded at first. `admin` is signed in. */
export function itKeepsBounds(visitors: { admin: () => Visitor; open: () => Promise<Visitor> }): void {
  it('keeps tokens where no script can read them', async () => {
    const cookies = await visitors.admin().context.cookies();
    expect(cookies.length).toBeGreaterThan(0);
    for (const { name, httpOnly, sameSite } of cookies)
      expect({ name, httpOnly, sameSite }).toEqual({
        name,
        httpOnly: true,
        sameSite: expect.stringMatching(/Lax|Strict/),
      });
    const readable = (await told(visitors.admin().page, 'stored()')).join('\n');
    for (const { value } of cookies) expect(readable).not.toContain(value);
    // Of any token: three parts of base64url, or a long word of chance.
    expect(readable).not.toMatch(/eyJ[\w-]+\.|[\w-]{32,}/);
  });

  it('needs less than 400 KB of compressed script for the first page', async () => {
    const visitor = await visitors.open();
    const scripts: Promise<Buffer>[] = [];
    visitor.page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body());
    });
    await visitor.goTo('/');
    await signIn(visitor);
    await settle(visitor.page);
    const sizes = await Promise.all(scripts.map(async (script) => (await promisify(gzip)(await script)).length));
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_LIMIT_BYTES);
  });
}
