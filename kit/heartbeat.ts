import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { sql } from 'drizzle-orm';
import type { Queryable } from './database.ts';
import { isDatabaseAway } from './errors.ts';
import type { StopList } from './lifecycle.ts';
import type { Logger } from './logger.ts';
import { BEAT_MS, KEPT_MS, type QueueDepth } from './processes.ts';
import type { SweepNote } from './sweep-log.ts';
import { UNCOUNTED } from './uncounted.ts';
import { VERSION } from './version.ts';

/** Queues are counted with each third beat, and what is over is removed with each twelfth. */
const BEATS = { count: 3, prune: 12 };
/** A process that stops does not wait for a database that is away. */
const LAST_WORD_LIMIT_MS = 1_000;

export type HeartbeatOptions = {
  db: Queryable;
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

/**
 * Says every five seconds, in the service's own table, that this process is there. What can not be said is not waited for: the process is
 * there to do something else.
 */
export async function openHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { db, service, role, revision, logger, stops } = options;
  const table = sql`${sql.identifier(service)}.processes`;
  const mark = sql.raw(UNCOUNTED);
  const id = randomUUID();
  const openedAt = performance.now();
  let beats = 0;
  let hasFailed = false;
  let queues: QueueDepth[] | null = null;

  const say = async (): Promise<void> => {
    if (beats % BEATS.count === 0) queues = await options.countQueues();
    const sweep = options.sweep();
    const ageSeconds = (performance.now() - openedAt) / 1_000;
    await db.execute(sql`
      ${mark} insert into ${table} (id, role, started_at, seen_at, version, revision, host, pid, sweep, queues)
      values (${id}, ${role}, now() - make_interval(secs => ${ageSeconds}), now(), ${VERSION}, ${revision}, ${hostname()}, ${process.pid},
        ${sweep && JSON.stringify(sweep)}::jsonb, ${queues && JSON.stringify(queues)}::jsonb)
      on conflict (id) do update set seen_at = excluded.seen_at, sweep = excluded.sweep, queues = excluded.queues`);
    if (beats % BEATS.prune === 0)
      await db.execute(
        sql`${mark} delete from ${table} where seen_at < now() - make_interval(secs => ${KEPT_MS / 1_000})`,
      );
    beats += 1;
  };
  const beat = async (): Promise<void> => {
    try {
      await say();
      hasFailed = false;
    } catch (err) {
      // Whoever needs the database says so; here it would be said every five seconds.
      if (!hasFailed && !isDatabaseAway(err)) logger.warn({ err, role }, 'this process could not say that it is there');
      hasFailed = true;
    }
  };

  let pending = beat();
  let isBeating = false;
  const timer = setInterval(() => {
    if (isBeating) return;
    isBeating = true;
    pending = beat().finally(() => {
      isBeating = false;
    });
  }, options.beatMs ?? BEAT_MS);
  stops.own('heartbeat', timer, async () => {
    clearInterval(timer);
    const limit = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORD_LIMIT_MS).unref());
    const lastWord = pending.then(async () => {
      await db.execute(sql`${mark} update ${table} set stopped_at = now(), seen_at = now() where id = ${id}`);
    });
    await Promise.race([lastWord.catch(() => {}), limit]);
  });
  await pending;
}
