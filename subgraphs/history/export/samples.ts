import type { Database, Sql } from '@wheelhouse/kit/database.ts';
import { type ExportedDevice, findExported, readUnits, type SampleRow, streamSamples } from '../store/export.ts';
import { readSeries } from '../store/samples.ts';
import { findSampledServices } from '../store/services.ts';
import type { Cell } from './format.ts';
import type { Export } from './params.ts';

export type ExportSource = { db: Database; client: Sql };
/** Rows as they come, several at a time. */
export type Exported = { columns: readonly string[]; rows: AsyncGenerator<Cell[][]> };

const DEVICE_COLUMNS = ['device_id', 'name', 'site', 'system', 'metric', 'unit'];
/** Days of devices, each with all its metrics, that are in memory at a time. */
const DEVICE_DAYS = 5_000;
const DAY_MS = 86_400_000;

/** The metrics of a sample, by name. */
function valuesOf(sample: SampleRow): [string, number][] {
  if ('metrics' in sample) return Object.entries(sample.metrics).sort(([one], [other]) => (one < other ? -1 : 1));
  return sample.values.flatMap((value, index): [string, number][] =>
    value === null ? [] : [[sample.names[index] ?? '', value]],
  );
}

const isWanted = (metrics: Export['metrics']): ((name: string) => boolean) => {
  const wanted = metrics && new Set(metrics);
  return (name) => wanted?.has(name) ?? true;
};

const cellsOf = ({ id, name, site, system }: ExportedDevice): Cell[] => [id, name, site, system];

async function* hourly({ db, client }: ExportSource, wanted: Export): AsyncGenerator<Cell[][]> {
  const services = await findSampledServices(db);
  const units = await readUnits(db, services);
  const devices = new Map((await findExported(db, wanted)).map((device) => [device.id, device]));
  const takes = isWanted(wanted.metrics);
  for await (const samples of streamSamples(client, services, { ...wanted, deviceIds: [...devices.keys()] })) {
    yield samples.flatMap((sample) => {
      const device = devices.get(sample.deviceId);
      if (device === undefined) return [];
      const at = new Date(sample.atMs).toISOString();
      const unitOf = units.get(sample.service);
      return valuesOf(sample)
        .filter(([name]) => takes(name))
        .map(([name, value]) => [...cellsOf(device), name, unitOf?.get(name) ?? null, at, value]);
    });
  }
}

async function* daily({ db }: ExportSource, wanted: Export): AsyncGenerator<Cell[][]> {
  const services = await findSampledServices(db);
  const units = new Map([...(await readUnits(db, services)).values()].flatMap((byName) => [...byName]));
  const devices = await findExported(db, wanted);
  const days = Math.ceil((wanted.to.getTime() - wanted.from.getTime()) / DAY_MS) + 1;
  const batch = Math.max(1, Math.floor(DEVICE_DAYS / days));
  const question = { from: wanted.from, to: wanted.to, step: 'DAY' as const, metrics: wanted.metrics };
  for (let first = 0; first < devices.length; first += batch) {
    const part = new Map(devices.slice(first, first + batch).map((device) => [device.id, device]));
    const points = await readSeries(db, services, { ...question, deviceIds: [...part.keys()] });
    yield points.flatMap(({ deviceId, from, metrics }) => {
      const device = part.get(deviceId);
      if (device === undefined) return [];
      return metrics.map(({ name, mean, min, max, last, samples }): Cell[] => {
        const about = [...cellsOf(device), name, units.get(name) ?? null, from.toISOString()];
        return [...about, mean, min, max, last, samples];
      });
    });
  }
}

/** Samples as they were taken, or what those of each day say together: archived and not yet archived ones as one series. */
export const exportSamples = (source: ExportSource, wanted: Export): Exported =>
  wanted.step === 'HOUR'
    ? { columns: [...DEVICE_COLUMNS, 'at', 'value'], rows: hourly(source, wanted) }
    : { columns: [...DEVICE_COLUMNS, 'from', 'mean', 'min', 'max', 'last', 'samples'], rows: daily(source, wanted) };
