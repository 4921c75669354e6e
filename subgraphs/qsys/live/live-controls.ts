import { isDeepStrictEqual } from 'node:util';
import { unreadableTarget } from '@wheelhouse/contracts/registry.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import { callerError, shown } from '@wheelhouse/kit/errors.ts';
import { isInArea } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import type { StateStream } from '@wheelhouse/kit/state-stream.ts';
import { Gauge, type Registry } from 'prom-client';
import { type ControlRow, findControlsOf, findDesigns } from '../design-store.ts';
import type { CoreTarget, Failure } from '../qrc.ts';
import { findTargets, type TargetRow } from '../store.ts';
import { createTargetReader } from '../target-reader.ts';
import { checkResolved, type LiveAsk, type Resolved, resolveAsk } from './ask.ts';
import { CoreFeed } from './core-feed.ts';
import type { LiveEvent, LiveValue } from './view.ts';

/** Controls of Cores as they change, for all who subscribe in this process. */
export type LiveControls = {
  /** @throws NOT_FOUND, BAD_USER_INPUT */
  subscribe: (ask: LiveAsk) => Promise<StateStream<LiveEvent>>;
  close: () => void;
};

export type LiveControlsOptions = {
  db: Database;
  sealer: Sealer;
  /** How long a Core may take for each answer. */
  timeoutMs: number;
  /** How long a connection that nobody listens to any more is kept. */
  lingerMs: number;
  /** How often it is looked for what has become of the Cores that are watched. */
  checkMs: number;
  metrics: Registry;
  logger: Logger;
  now: () => Date;
};

type Held = { feed: CoreFeed; version: number; target: CoreTarget | Failure; designReadAtMs: number | null };

const notThere = (id: string): Error =>
  callerError('NOT_FOUND', `id: there is no Core ${shown(id)}, or it was removed`, 'id');

const namesOf = ({ components, controls }: LiveAsk): string[] => [
  ...new Set([...components, ...controls.flatMap(({ component }) => (component === null ? [] : [component]))]),
];

const liveValueOf = ({ component, name, value, string, position, measuredAt }: ControlRow): LiveValue => ({
  ...{ component, name, value, string, position, measuredAt },
});

/** Watches a Core over one connection for as long as somebody subscribes to it, and follows what becomes of it in the registry. */
export function createLiveControls(options: LiveControlsOptions): LiveControls {
  const { db, logger } = options;
  const readTarget = createTargetReader(options.sealer);
  const held = new Map<string, Held>();
  let isClosed = false;
  let isFailing = false;
  let checking: NodeJS.Timeout | null = null;

  const count = (name: string, help: string, value: () => number): void => {
    const gauge: Gauge = new Gauge({ name, help, registers: [options.metrics], collect: () => gauge.set(value()) });
  };
  count('wheelhouse_qsys_live_cores', 'Cores that this process watches for subscribers', () => held.size);
  count('wheelhouse_qsys_live_subscribers', 'Subscribers to controls of Cores', () =>
    [...held.values()].reduce((sum, { feed }) => sum + feed.views.size, 0),
  );

  const targetOf = (row: TargetRow): CoreTarget | Failure => {
    try {
      return readTarget(row);
    } catch (err) {
      return unreadableTarget(err);
    }
  };
  const drop = (feed: CoreFeed): void => {
    if (held.get(feed.deviceId)?.feed === feed) held.delete(feed.deviceId);
    feed.close();
    if (held.size > 0 || checking === null) return;
    clearTimeout(checking);
    checking = null;
  };
  const readAtOf = async (ids: readonly string[]): Promise<Map<string, number>> =>
    new Map((await findDesigns(db, ids)).map(({ deviceId, readAt }) => [deviceId, readAt.getTime()]));
  const resolve = async (ask: LiveAsk, isRead: boolean): Promise<{ resolved: Resolved; stored: LiveValue[] }> => {
    const rows = isRead ? await findControlsOf(db, ask.deviceId, namesOf(ask)) : null;
    return { resolved: resolveAsk(ask, rows), stored: (rows ?? []).map(liveValueOf) };
  };

  /** What has become of the Cores that are watched: moved, removed, another design. */
  async function check(): Promise<void> {
    const ids = [...held.keys()];
    const rows = new Map((await findTargets(db, ids)).map((row) => [row.deviceId, row]));
    const readAt = await readAtOf(ids);
    for (const [id, one] of held) {
      if (!ids.includes(id)) continue;
      const row = rows.get(id);
      if (row === undefined) {
        one.feed.fail(notThere(id));
        drop(one.feed);
        continue;
      }
      // It may have moved to where a subscriber may not look.
      for (const { ask, stream } of [...one.feed.views]) if (!isInArea(ask.sees, row.site)) stream.fail(notThere(id));
      if (row.version !== one.version) {
        const target = targetOf(row);
        one.version = row.version;
        if (!isDeepStrictEqual(target, one.target)) one.feed.retarget(target);
        one.target = target;
      }
      const readAtMs = readAt.get(id) ?? null;
      if (readAtMs === one.designReadAtMs) continue;
      for (const view of one.feed.views) view.become((await resolve(view.ask, readAtMs !== null)).resolved);
      one.designReadAtMs = readAtMs;
      one.feed.wishesChanged();
    }
  }
  const checkLater = (): void => {
    if (checking !== null || isClosed || held.size === 0) return;
    checking = setTimeout(() => {
      check()
        .then(
          () => {
            isFailing = false;
          },
          // What is live goes on: the Cores are asked, and not the database.
          (err: unknown) => {
            if (!isFailing) logger.warn({ err }, 'what became of the Cores that are watched is not known');
            isFailing = true;
          },
        )
        .finally(() => {
          checking = null;
          checkLater();
        });
    }, options.checkMs);
  };

  return {
    subscribe: async (ask) => {
      const { deviceId } = ask;
      const [row] = await findTargets(db, [deviceId]);
      if (row === undefined || !isInArea(ask.sees, row.site)) throw notThere(deviceId);
      const designReadAtMs = (await readAtOf([deviceId])).get(deviceId) ?? null;
      const { resolved, stored } = await resolve(ask, designReadAtMs !== null);
      if (designReadAtMs !== null) checkResolved(ask, resolved);
      if (isClosed) throw new Error('the service is stopping');
      const target = targetOf(row);
      const one = held.get(deviceId) ?? {
        ...{ target, version: row.version, designReadAtMs },
        feed: new CoreFeed(deviceId, target, { ...options, unused: drop }),
      };
      held.set(deviceId, one);
      checkLater();
      return one.feed.add(ask, resolved, stored).stream;
    },
    close: () => {
      isClosed = true;
      if (checking !== null) clearTimeout(checking);
      for (const { feed } of held.values()) feed.close();
      held.clear();
    },
  };
}
