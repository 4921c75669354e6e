import { describe, expect, it } from 'vitest';
import type { AuditEntry } from './audit.ts';
import { anonymousFrom } from './identity.ts';
import { createLogger } from './logger.ts';
import { openRefusals } from './refusals.ts';
import { somebody } from './testing/identity.ts';

const START_MS = Date.parse('2026-11-25T12:00:00.000Z');
const silent = createLogger({ name: 'test', level: 'silent' });
const ann = somebody('ann', []);
const at = (seconds: number): Date => new Date(START_MS + seconds * 1_000);

function aLog(options: { windowMs?: number; maxRows?: number } = {}) {
  const rows: AuditEntry[] = [];
  const state = { isAway: false, seconds: 0 };
  const refusals = openRefusals({
    ...{ service: 'one', logger: silent, now: () => at(state.seconds), ...options },
    write: async (entries) => {
      if (state.isAway) throw new Error('away');
      rows.push(...entries);
    },
  });
  return { ...refusals, rows, state };
}
const OF_ANN = { actor: 'ann', sub: 'user:ann', origin: '127.0.0.1', action: 'one.set.refused' };

describe('refusals', () => {
  it('of one caller, of the same, with the same code are one row with their number', async () => {
    const { note, flush, rows, state } = aLog();
    for (state.seconds = 0; state.seconds < 1_000; state.seconds += 1)
      note({ identity: ann, what: 'set', code: 'FORBIDDEN', about: `${state.seconds % 20}` });
    await flush();
    expect(rows).toEqual([
      {
        ...{ ...OF_ANN, at: at(0), target: null },
        after: {
          ...{ code: 'FORBIDDEN', count: 1_000, lastAt: at(999).toISOString() },
          about: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        },
      },
    ]);
    await flush();
    expect(rows).toHaveLength(1);
  });

  it('of others, of something else or with another code have rows of their own', async () => {
    const { note, flush, rows } = aLog();
    const refused = { identity: ann, what: 'set', code: 'FORBIDDEN', about: 'a' };
    note(refused);
    note({ ...refused, identity: somebody('bob', []) });
    note({ ...refused, what: 'remove' });
    note({ ...refused, code: 'UNAUTHENTICATED' });
    for (const origin of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) note({ ...refused, identity: anonymousFrom(origin) });
    await flush();
    expect(rows.map(({ actor, action, origin, target }) => [actor, action, origin, target])).toEqual([
      ['ann', 'one.set.refused', '127.0.0.1', 'a'],
      ['bob', 'one.set.refused', '127.0.0.1', 'a'],
      ['ann', 'one.remove.refused', '127.0.0.1', 'a'],
      ['ann', 'one.set.refused', '127.0.0.1', 'a'],
      ['anonymous', 'one.set.refused', '192.0.2.1', 'a'],
      ['anonymous', 'one.set.refused', '192.0.2.2', 'a'],
    ]);
    expect(rows.at(-2)?.after).toMatchObject({ count: 2 });
  });

  it('of more than there are rows for are counted together', async () => {
    const { note, flush, rows } = aLog({ maxRows: 2 });
    for (let address = 0; address < 50; address += 1)
      note({ identity: anonymousFrom(`192.0.2.${address}`), what: 'login', code: 'TOO_MANY_ATTEMPTS', about: 'x' });
    await flush();
    expect(rows.map(({ actor, action, after }) => [actor, action, after])).toMatchObject([
      ['anonymous', 'one.login.refused', { count: 1 }],
      ['anonymous', 'one.login.refused', { count: 1 }],
      ['others', 'one.others.refused', { code: 'VARIOUS', count: 48 }],
    ]);
  });

  it('are written without being asked for once their time is over, and at the end', async () => {
    const { note, close, rows } = aLog({ windowMs: 20 });
    note({ identity: ann, what: 'set', code: 'FORBIDDEN' });
    await expect.poll(() => rows.length).toBe(1);
    const slow = aLog();
    slow.note({ identity: ann, what: 'set', code: 'FORBIDDEN' });
    await slow.close();
    expect(slow.rows).toMatchObject([OF_ANN]);
    await close();
  });

  it('that can not be written are written later, with those that came meanwhile', async () => {
    const { note, flush, rows, state } = aLog();
    state.isAway = true;
    note({ identity: ann, what: 'set', code: 'FORBIDDEN' });
    await flush();
    expect(rows).toEqual([]);
    Object.assign(state, { isAway: false, seconds: 5 });
    note({ identity: ann, what: 'set', code: 'FORBIDDEN' });
    await flush();
    expect(rows).toMatchObject([{ ...OF_ANN, at: at(0), after: { count: 2, lastAt: at(5).toISOString() } }]);
  });
});
