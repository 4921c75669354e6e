import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from './database.ts';
import { isDatabaseAway } from './errors.ts';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { BEAT_MS, KEPT_MS, type QueueDepth } from './processes.ts';
import { sharedParts } from './shared-parts.ts';
import type { SweepNote } from './sweep-log.ts';
import { UNCOUNTED } from './uncounted.ts';
import { VERSION } from './version.ts';

/** Queues are counted with each third beat, and what is over is removed with each twelfth. */
const BEATS = { count: 3, prune: 12 };
/** A process that stops does not wait for a database that is away. */
const LAST_WORD_LIMIT_MS = 1_000;

export type HeartbeatOptions = {
  db: Queryable;
  /** The database that `db` is: services of the process that have the same one are told of together. */
  databaseUrl: string;
  /** Names the schema, which has the table of kit/processes.ts. */
  service: string;
  role: 'SERVER' | 'WORKER';
  revision: string | null;
  sweep: () => SweepNote | null;
  /** Null where there is nothing to count. */
  countQueues: () => Promise<QueueDepth[] | null>;
  logger: Logger;
  stops: StopList;
  beatMs?: number;
};

/** What is told of one service in one role. */
type Told = Pick<HeartbeatOptions, 'service' | 'role' | 'revision' | 'sweep' | 'countQueues' | 'logger'> & {
  id: string;
  openedAtMs: number;
  beats: number;
  queues: QueueDepth[] | null;
  hasFailed: boolean;
};

/** One statement that changes the tables of several services. `change` gets a table and the condition for its rows of `said`. */
function overTables(all: readonly Told[], said: SQL, change: (table: SQL, isOwn: SQL) => readonly SQL[]): SQL {
  const services = [...new Set(all.map(({ service }) => service))];
  const changes = services.flatMap((service) =>
    change(sql`${sql.identifier(service)}.processes`, sql`said.service = ${service}`),
  );
  const named = changes.map((one, index) => sql`${sql.identifier(`change_${index}`)} as (${one})`);
  return sql`${sql.raw(UNCOUNTED)} with said as (${said}), ${sql.join(named, sql`, `)} select`;
}

function beatOf(all: readonly Told[], nowMs: number): SQL {
  const said = all.map(({ id, service, role, revision, sweep, queues, openedAtMs }) => ({
    ...{ id, service, role, revision, sweep: sweep(), queues, age: (nowMs - openedAtMs) / 1_000 },
  }));
  const isToPrune = all.some(({ beats }) => beats % BEATS.prune === 0);
  const rows = sql`select * from json_to_recordset(${JSON.stringify(said)}::json)
    as said (id text, service text, role text, revision text, sweep jsonb, queues jsonb, age float8)`;
  return overTables(all, rows, (table, isOwn) => [
    sql`insert into ${table} (id, role, started_at, seen_at, version, revision, host, pid, sweep, queues)
      select id, role, now() - make_interval(secs => age), now(), ${VERSION}, revision, ${hostname()}, ${process.pid}::int, sweep, queues
      from said where ${isOwn}
      on conflict (id) do update set seen_at = excluded.seen_at, sweep = excluded.sweep, queues = excluded.queues`,
    ...(isToPrune ? [sql`delete from ${table} where seen_at < now() - make_interval(secs => ${KEPT_MS / 1_000})`] : []),
  ]);
}

const lastWordOf = (all: readonly Told[]): SQL =>
  overTables(
    all,
    sql`select * from json_to_recordset(${JSON.stringify(all.map(({ id, service }) => ({ id, service })))}::json) as said (id text, service text)`,
    (table, isOwn) => [
      sql`update ${table} as held set stopped_at = now(), seen_at = now() from said where held.id = said.id and ${isOwn}`,
    ],
  );

type Pulse = { add: (told: Told) => Promise<void> };

/** Tells of all services of a process with one statement; of each by itself where that fails, since one may have no table. */
function openPulse({ db, stops, beatMs = BEAT_MS }: Pick<HeartbeatOptions, 'db' | 'stops' | 'beatMs'>): Pulse {
  const all: Told[] = [];

  const count = async (told: Told): Promise<void> => {
    if (told.beats % BEATS.count === 0) told.queues = await told.countQueues();
  };
  const say = async (some: readonly Told[]): Promise<void> => {
    await Promise.all(some.map(count));
    await db.execute(beatOf(some, performance.now()));
    for (const told of some) {
      told.beats += 1;
      told.hasFailed = false;
    }
  };
  const sayOne = async (told: Told): Promise<void> => {
    try {
      await say([told]);
    } catch (err) {
      // Whoever needs the database says so; here it would be said every five seconds.
      if (!told.hasFailed && !isDatabaseAway(err))
        told.logger.warn({ err, role: told.role }, 'this process could not say that it is there');
      told.hasFailed = true;
    }
  };
  const beat = async (): Promise<void> => {
    // Another may be added meanwhile.
    const some = [...all];
    try {
      await say(some);
    } catch (err) {
      if (!isDatabaseAway(err)) await Promise.all(some.map(sayOne));
    }
  };

  const sayLast = async (): Promise<void> => {
    try {
      await db.execute(lastWordOf(all));
    } catch {
      await Promise.allSettled(all.map((told) => db.execute(lastWordOf([told]))));
    }
  };

  let pending = Promise.resolve();
  let isBeating = false;
  const timer = setInterval(() => {
    if (isBeating || all.length === 0) return;
    isBeating = true;
    pending = beat().finally(() => {
      isBeating = false;
    });
  }, beatMs);
  stops.own('heartbeat', timer, async () => {
    clearInterval(timer);
    const limit = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORD_LIMIT_MS).unref());
    await Promise.race([pending.then(sayLast), limit]);
  });
  return {
    add: async (told) => {
      await sayOne(told);
      all.push(told);
    },
  };
}

const pulseOf = sharedParts<Pulse>();

/**
 * Says every five seconds, in the service's own table, that this process is there. What can not be said is not waited for: the process is
 * there to do something else.
 */
export async function openHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { stops, databaseUrl, service, role, revision, sweep, countQueues, logger } = options;
  await pulseOf(stops, databaseUrl, () => openPulse(options)).add({
    ...{ id: randomUUID(), service, role, revision, sweep, countQueues, logger },
    ...{ openedAtMs: performance.now(), beats: 0, queues: null, hasFailed: false },
  });
}
