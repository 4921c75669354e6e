import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { pruneAuditOutbox } from '@wheelhouse/kit/audit-retention.ts';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatherAudit } from './audit.ts';
import { keepUp } from './poller.ts';
import { PUBLISHED_AHEAD_MS, SIGNING_MS } from './rules/signing-keys.ts';
import { rotateSigningKeys } from './signing.ts';
import { endSession, findSession } from './store/sessions.ts';
import { listSigningKeys } from './store/signing-keys.ts';
import { auditOutbox } from './tables.ts';
import { openTestAccounts, START, type TestAccounts } from './testing/accounts.ts';

let accounts: TestAccounts;
beforeAll(async () => {
  accounts = await openTestAccounts();
});
afterAll(() => accounts.close());

const ann = { sub: 'user:1', sid: 'session:1', name: 'ann@example.org', grants: [] };
const upkeep = () => {
  const { db, logger, now } = accounts.shared;
  return keepUp({ db, logger, sealer: accounts.sealer, now: now() });
};
const jwks = async () => (await accounts.shared.signer.jwks()) as unknown as JSONWebKeySet;
const verify = async (token: string) =>
  jwtVerify(token, createLocalJWKSet(await jwks()), {
    ...{ issuer: 'wheelhouse-accounts', audience: 'wheelhouse', algorithms: ['EdDSA'] },
    currentDate: accounts.shared.now(),
  });

it('signs tokens that whoever has the public keys can verify, and publishes no private one', async () => {
  const { accessToken } = await accounts.shared.signer.sign(ann, accounts.shared.now(), 0);
  expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
  expect((await verify(accessToken)).payload).toMatchObject(ann);
  const { keys } = await jwks();
  expect(keys).toEqual([expect.objectContaining({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' })]);
  expect(JSON.stringify(keys)).not.toContain('"d"');
  const [row] = await listSigningKeys(accounts.db);
  expect(() => accounts.sealer.open(row?.sealed ?? '', 'another')).toThrow();
});

it('tells apart tokens that were signed a millisecond after each other', async () => {
  accounts.pass(1);
  const { payload } = await verify((await accounts.shared.signer.sign(ann, accounts.shared.now(), 0)).accessToken);
  expect(Math.round((payload.iat ?? 0) * 1_000)).toBe(START.getTime() + 1);
});

it('makes one key, however many processes start at a time', async () => {
  const { db } = accounts;
  await Promise.all(Array.from({ length: 5 }, () => rotateSigningKeys(db, accounts.sealer, START)));
  expect(await listSigningKeys(db)).toHaveLength(1);
});

it('publishes a key before it signs, and keeps the last one until its tokens have ended', async () => {
  const [first] = await listSigningKeys(accounts.db);
  accounts.pass(SIGNING_MS - PUBLISHED_AHEAD_MS);
  await upkeep();
  const [, second] = await listSigningKeys(accounts.db);
  const kidOf = async () =>
    decodeProtectedHeader((await accounts.shared.signer.sign(ann, accounts.shared.now(), 0)).accessToken).kid;
  expect((await jwks()).keys.map(({ kid }) => kid)).toEqual([first?.kid, second?.kid]);
  expect(await kidOf()).toBe(first?.kid);
  const last = await accounts.shared.signer.sign(ann, accounts.shared.now(), 0);
  accounts.pass(PUBLISHED_AHEAD_MS);
  expect(await kidOf()).toBe(second?.kid);
  await upkeep();
  expect((await jwks()).keys).toHaveLength(2);
  accounts.pass(-PUBLISHED_AHEAD_MS + 60_000);
  expect((await verify(last.accessToken)).payload.sub).toBe('user:1');
  accounts.pass(2 * PUBLISHED_AHEAD_MS);
  await upkeep();
  expect((await jwks()).keys.map(({ kid }) => kid)).toEqual([second?.kid]);
});

it('removes what the audit log has from the outbox after a day, and nothing else', async () => {
  const { db, logger, now } = accounts.shared;
  const prune = () => pruneAuditOutbox(db, { outbox: auditOutbox, cursors: AUDIT_CURSORS }, now());
  await accounts.addUser('gone@example.org');
  await accounts.enter('gone@example.org');
  accounts.pass(86_400_001);
  await prune();
  expect(await accounts.audited()).not.toEqual([]);
  await gatherAudit(db, logger);
  await accounts.enter('gone@example.org');
  await prune();
  expect(await accounts.audited()).toHaveLength(1);
  expect(await gatherAudit(db, logger)).toBe(1);
});

it('removes sessions a day after they are over, and none that lives', async () => {
  const day = 86_400_000;
  await accounts.addUser('ann@example.org');
  const ended = await accounts.enter('ann@example.org');
  const living = await accounts.enter('ann@example.org');
  await endSession(accounts.db, ended.sessionId, { at: accounts.shared.now(), reason: 'LOGOUT' });
  accounts.pass(day);
  await upkeep();
  expect(await findSession(accounts.db, ended.sessionId)).not.toBeNull();
  accounts.pass(1);
  await upkeep();
  expect(await findSession(accounts.db, ended.sessionId)).toBeNull();
  expect(await findSession(accounts.db, living.sessionId)).not.toBeNull();
});
