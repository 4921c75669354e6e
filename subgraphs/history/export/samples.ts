import { findExported, type SampleRow, streamSamples } from '../store/export.ts';
import { readUnits } from '../store/metric-names.ts';
import { readSeries } from '../store/samples.ts';
import { findSampledServices } from '../store/services.ts';
import { type AdmittedExport, cellsOf, DEVICE_COLUMNS, type Exported, type ExportSource, inParts } from './devices.ts';
import type { Cell } from './format.ts';

const COLUMNS = [...DEVICE_COLUMNS, 'metric', 'unit'];

/** The metrics of a sample, by name. */
function valuesOf(sample: SampleRow): [string, number][] {
  if ('metrics' in sample) return Object.entries(sample.metrics).sort(([one], [other]) => (one < other ? -1 : 1));
  return sample.values.flatMap((value, index): [string, number][] =>
    value === null ? [] : [[sample.names[index] ?? '', value]],
  );
}

const isWanted = (metrics: AdmittedExport['metrics']): ((name: string) => boolean) => {
  const wanted = metrics && new Set(metrics);
  return (name) => wanted?.has(name) ?? true;
};

async function* hourly({ db, client }: ExportSource, wanted: AdmittedExport): AsyncGenerator<Cell[][]> {
  const services = await findSampledServices(db);
  const units = await readUnits(db, services);
  const devices = new Map((await findExported(db, wanted)).map((device) => [device.id, device]));
  const takes = isWanted(wanted.metrics);
  for await (const samples of streamSamples(client, services, { ...wanted, deviceIds: [...devices.keys()] })) {
    yield samples.flatMap((sample) => {
      const device = devices.get(sample.deviceId);
      if (device === undefined) return [];
      const at = new Date(sample.atMs).toISOString();
      return valuesOf(sample)
        .filter(([name]) => takes(name))
        .map(([name, value]) => [...cellsOf(device), name, units.get(name) ?? null, at, value]);
    });
  }
}

async function* daily({ db }: ExportSource, wanted: AdmittedExport): AsyncGenerator<Cell[][]> {
  const services = await findSampledServices(db);
  const units = await readUnits(db, services);
  const question = { from: wanted.from, to: wanted.to, step: 'DAY' as const, metrics: wanted.metrics };
  for await (const part of inParts(db, wanted)) {
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
export const exportSamples = (source: ExportSource, wanted: AdmittedExport): Exported =>
  wanted.step === 'HOUR'
    ? { columns: [...COLUMNS, 'at', 'value'], rows: hourly(source, wanted) }
    : { columns: [...COLUMNS, 'from', 'mean', 'min', 'max', 'last', 'samples'], rows: daily(source, wanted) };
