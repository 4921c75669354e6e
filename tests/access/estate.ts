import { statusChanges } from '@wheelhouse/devices/tables.ts';
import { saveLooks } from '@wheelhouse/fida/store.ts';
import { anAnswer } from '@wheelhouse/fida/testing/looks.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { sampleMetricsTable, sampleRunsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { pgSchema } from 'drizzle-orm/pg-core';

/** Two halls, of which one begins like the other. */
export const NEAR = 'museum/hall-1';
export const FAR = 'museum/hall-10';

const CONNECTIONS = {
  FIDA: (host: string) => ({ snmp: { host, version: 'V2C', community: 'c', profile: 'wheelhouse-fida' } }),
  ENTERTAINMENT: (host: string) => ({ ping: { host, method: 'ICMP' } }),
  APPSPACE: (host: string) => ({ appspace: { deviceId: `player-${host}` } }),
  QSYS: (host: string) => ({ qrc: { host } }),
};
export type System = keyof typeof CONNECTIONS;
const SYSTEMS = Object.keys(CONNECTIONS) as System[];

/** A device of each system in each hall, with what there is to know of it. */
export type Estate = DatabaseHandle & {
  near: Record<System, string>;
  far: Record<System, string>;
  /** Each device's status changes. */
  change: (deviceIds: readonly string[]) => Promise<void>;
};

const fida = pgSchema('fida');

/** A system whose database and registry the estate goes into. */
export type EstateHost = {
  databaseUrl: string;
  importEstate: (estate: unknown) => Promise<{ status: number; body: unknown }>;
};

export async function openEstate({ databaseUrl, importEstate }: EstateHost): Promise<Estate> {
  const devices = [NEAR, FAR].flatMap((site, hall) =>
    SYSTEMS.map((system, place) => ({
      ...{ externalId: `${system} at ${site}`, name: `${system} of ${site}`, site, system },
      // Where nobody listens: what a server opens to a Core is refused at once.
      ...CONNECTIONS[system](`127.0.${hall}.${place + 2}`),
    })),
  );
  const imported = await importEstate({ devices });
  if (imported.status !== 200) throw new Error(`the estate was refused: ${JSON.stringify(imported.body)}`);
  const handle = openDatabase(databaseUrl, { maxConnections: 2 });
  const { db, sql } = handle;
  const rows = await sql<{ id: string; system: System; site: string }[]>`select id, system, site from devices.devices`;
  const idsAt = (site: string) =>
    Object.fromEntries(rows.filter((row) => row.site === site).map((row) => [row.system, row.id])) as Record<
      System,
      string
    >;
  const [near, far] = [idsAt(NEAR), idsAt(FAR)];

  // What workers would do: the systems' copies of the registry, and what they saw of their devices.
  for (const system of SYSTEMS)
    await sql`
      insert into ${sql(`${system.toLowerCase()}.targets`)} (device_id, version, removed, site, time_zone, connection, sealed)
      select id, version, false, site, 'UTC', connection, sealed from devices.devices where system = ${system}`;
  const at = new Date();
  const now = at.toISOString();
  await saveLooks(
    db,
    at,
    [near.FIDA, far.FIDA].map((deviceId) => ({ deviceId, at, look: anAnswer() })),
  );
  for (const { ENTERTAINMENT, APPSPACE, QSYS } of [near, far]) {
    await sql`insert into entertainment.pinged (device_id, slot, looked_at, measured_at, round_trip_time_ms, loss_ratio, recent_looks)
      values (${ENTERTAINMENT}, ${now}, ${now}, ${now}, 1.5, 0, '[]')`;
    await sql`insert into appspace.players (device_id, slot, looked_at, measured_at, name) values (${APPSPACE}, ${now}, ${now}, ${now}, 'a player')`;
    await sql`insert into qsys.cores (device_id, slot, looked_at, measured_at, platform) values (${QSYS}, ${now}, ${now}, ${now}, 'Core 8')`;
    await sql`insert into qsys.designs (device_id, design_code, read_at) values (${QSYS}, 'code', ${now})`;
    await sql`insert into qsys.components (device_id, name, type) values (${QSYS}, 'Gain', 'gain')`;
    await sql`insert into qsys.controls (device_id, component, name, place, type, direction, value, string, position, measured_at)
      values (${QSYS}, 'Gain', 'gain', 0, 'Float', 'READ_WRITE', -6, '-6dB', 0.5, ${now})`;
  }
  const hour = new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
  await db.insert(sampleMetricsTable(fida)).values([{ name: 'temperatureCelsius', unit: '°C' }]);
  await db.insert(sampleRunsTable(fida)).values([{ hour, sampledAt: hour, samples: 2 }]);
  await appendToLog(
    db,
    samplesTable(fida),
    [near.FIDA, far.FIDA].map((subject) => ({
      ...{ subject, hour, sampled_at: hour, metrics: { temperatureCelsius: 40 }, attributes: {} },
    })),
  );
  const change: Estate['change'] = (deviceIds) =>
    db.transaction((tx) =>
      appendToLog(
        tx,
        statusChanges,
        deviceIds.map((id) => ({
          device_id: id,
          at: new Date(),
          from: 'UNKNOWN',
          to: 'ONLINE',
          reason: null,
          blind: false,
        })),
      ),
    );
  await change([...Object.values(near), ...Object.values(far)]);
  return { ...handle, near, far, change };
}
