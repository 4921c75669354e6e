import { setTimeout as sleep } from 'node:timers/promises';
import { newDeviceState, type Status } from '@wheelhouse/devices/rules.ts';
import { decideStatuses } from '@wheelhouse/devices/store/statuses.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';

const SITES = 40;
/** Changes that a look at devices finds together go to the log together. */
const STEP_MS = 100;
/** What a device goes through: every one that is not ONLINE comes back. */
const ROUND: readonly Status[] = ['ONLINE', 'OFFLINE', 'ONLINE', 'DEGRADED', 'ONLINE', 'UNKNOWN'];

export type Estate = {
  /** Changes so many devices a second for so long, as the status engine does. @returns how many changes there were */
  change: (options: { perSecond: number; forMs: number }) => Promise<number>;
  statuses: () => Promise<Record<string, string>>;
  close: () => Promise<void>;
};

/** Puts devices into the registry of a server that runs, all of them ONLINE. */
export async function openEstate(options: {
  databaseUrl: string;
  devicesUrl: string;
  serviceToken: string;
  devices: number;
}): Promise<Estate> {
  const { databaseUrl, devicesUrl, serviceToken, devices } = options;
  const content = Array.from({ length: devices }, (_, index) => ({
    ...{ externalId: `d${index}`, name: `Display ${index}`, system: 'FIDA', site: `museum/hall-${index % SITES}` },
    snmp: { host: '127.0.0.1', version: 'V2C', community: 'public' },
  }));
  const answer = await fetch(new URL('/service/estate', devicesUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ devices: content }),
  });
  if (!answer.ok) throw new Error(`the estate was refused: ${await answer.text()}`);
  const handle: DatabaseHandle = openDatabase(databaseUrl, { maxConnections: 1 });
  const { db, sql } = handle;
  const ids = (await sql<{ id: string }[]>`select id from devices.devices order by id`).map(({ id }) => id);
  const turns = new Map<string, number>();
  const decide = (deviceIds: readonly string[]) =>
    decideStatuses(db, deviceIds, (deviceId, before) => {
      const turn = (turns.get(deviceId) ?? -1) + 1;
      turns.set(deviceId, turn);
      const [at, to] = [new Date(), ROUND[turn % ROUND.length] ?? 'ONLINE'];
      return {
        state: { ...newDeviceState(at), status: to, reason: null, observedAt: at, slot: at },
        change: { at, from: before.status, to, reason: null, blind: false },
      };
    });
  await decide(ids);
  let next = 0;
  return {
    change: async ({ perSecond, forMs }) => {
      const startMs = performance.now();
      const total = Math.round((perSecond * forMs) / 1_000);
      let changed = 0;
      while (changed < total) {
        // By the clock and not by the number of steps: a step that was late does not slow the rate down.
        const due = Math.min(total, Math.ceil((perSecond * (performance.now() - startMs)) / 1_000));
        // Far apart, so that they are in all sites.
        const wanted = Array.from(
          { length: due - changed },
          (_, index) => ids[((next + index) * 37) % ids.length] ?? '',
        );
        next += wanted.length;
        changed = due;
        for (let from = 0; from < wanted.length; from += ids.length)
          await decide(wanted.slice(from, from + ids.length));
        await sleep(STEP_MS);
      }
      return changed;
    },
    statuses: async () => {
      const rows = await sql<
        { id: string; status: string }[]
      >`select device_id as id, status from devices.device_statuses`;
      return Object.fromEntries(rows.map(({ id, status }) => [id, status]));
    },
    close: () => handle.close(),
  };
}
