import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';
import { carryOut } from './settings-carry.ts';
import type { SettingsValues } from './settings-changes.ts';
import { beginSending, finishChange, renewLease, takeNext } from './settings-leases.ts';
import type { SettingsChangeRow } from './settings-requests.ts';
import type { SetAnswer, SettingsReading } from './settings-rules.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

const SUBJECTS = ['a', 'b', 'c', 'd'];
const WRITES = 80;
const WORKERS = 4;
const DIES = ['beforeReading', 'beforeSending', 'afterSending', 'beforeFinishing'] as const;
class Killed extends Error {}

let database: SettingsDatabase;
beforeAll(async () => {
  database = await openSettingsDatabase();
});
afterAll(() => database.close());

it('whatever is killed when, every change ends once, in order, and takes effect once', async () => {
  const seed = Number(process.env.TEST_SEEDS?.split(',')[0] ?? randomInt(1, 1_000_000));
  const random = seededRandom(seed);
  const values = new Map<string, SettingsValues>(SUBJECTS.map((subject) => [subject, {}]));
  const effects: { subject: string; change: string }[] = [];
  const { db } = database;
  let killed = 0;

  /** One change of one subject, by a worker that may be killed at any place. Its lease runs out at once then, as if time had passed. */
  const work = async (subject: string, token: string): Promise<void> => {
    const lease = { token, leaseMs: 60_000 };
    const change = await takeNext(db, tables, subject, lease);
    if (change === null) return;
    const { id } = change;
    const dies = random() < 0.4 ? DIES[Math.floor(random() * DIES.length)] : undefined;
    const die = (where: (typeof DIES)[number]): void => {
      if (dies === where) throw new Killed(where);
    };
    const port = {
      read: (): Promise<SettingsReading> => {
        const seen = { ...values.get(subject) };
        const holds = (wanted: SettingsValues) => Object.entries(wanted).every(([name, value]) => seen[name] === value);
        return Promise.resolve({ kind: 'read', values: seen, holds });
      },
      set: (wanted: SettingsValues): Promise<SetAnswer> => {
        die('beforeSending');
        values.set(subject, { ...values.get(subject), ...wanted });
        effects.push({ subject, change: id });
        die('afterSending');
        return Promise.resolve({ kind: 'accepted' });
      },
    };
    try {
      die('beforeReading');
      const at = new Date();
      const outcome = await carryOut(port, change, {
        ...{ settleMs: 0, signal: new AbortController().signal, onSent: () => {} },
        begin: (before) => beginSending(db, tables, { id, lease, before, at }),
        mayGoOn: () => renewLease(db, tables, id, lease),
      });
      if (outcome === null) return;
      die('beforeFinishing');
      await finishChange(db, tables, { id, token, at, outcome });
    } catch (err) {
      if (!(err instanceof Killed)) throw err;
      killed += 1;
      await database.sql`update fida.settings_changes set lease_until = now() - interval '1 s' where lease_token = ${token}`;
    }
  };

  let written = 0;
  const isOver = async (): Promise<boolean> => {
    const open = await database.sql`select 1 from fida.settings_changes where state in ('PENDING', 'SENDING') limit 1`;
    return written === WRITES && open.length === 0;
  };
  const pick = (): string => SUBJECTS[Math.floor(random() * SUBJECTS.length)] ?? 'a';
  const writer = async (): Promise<void> => {
    for (; written < WRITES; written += 1)
      await database.request([{ subject: pick(), sent: { [random() < 0.5 ? 'level' : 'input']: written } }]);
  };
  let jobs = 0;
  const worker = async (): Promise<void> => {
    while (!(await isOver())) {
      jobs += 1;
      await work(pick(), `job ${jobs}`);
    }
  };
  await Promise.all([writer(), ...Array.from({ length: WORKERS }, worker)]);

  const message = `seed ${seed}`;
  const rows: SettingsChangeRow[] = await db.select().from(tables.changes).orderBy(tables.changes.settingsVersion);
  expect(rows, message).toHaveLength(WRITES);
  expect(killed, message).toBeGreaterThan(5);
  const events = await database.events();
  for (const subject of SUBJECTS) {
    const own = rows.filter((row) => row.subject === subject);
    expect(
      own.map(({ settingsVersion }) => settingsVersion),
      message,
    ).toEqual(own.map((_, index) => index + 1));
    const applied = own.filter(({ state }) => state === 'APPLIED');
    expect(
      own.filter(({ state }) => state !== 'APPLIED' && state !== 'SUPERSEDED'),
      message,
    ).toEqual([]);
    // Every value is another one, so nothing was so already: one effect each, in the order of the versions.
    const order = effects.filter((effect) => effect.subject === subject).map(({ change }) => change);
    expect(order, message).toEqual(applied.map(({ id }) => id));
    expect(values.get(subject), message).toEqual(Object.assign({}, ...applied.map(({ wanted }) => wanted)));
  }
  for (const { id } of rows) {
    const states = events.filter(([changeId]) => changeId === id).map(([, state]) => state);
    expect(states.join(' '), message).toMatch(/^PENDING( SUPERSEDED| SENDING APPLIED)$/);
  }
}, 60_000);
