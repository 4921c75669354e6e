import { type CalendarStep, cutByCalendar } from '../calendar.ts';
import { DEFAULT_COUNTING, onlineRatio } from '../counting.ts';
import { readStatusTime } from '../store/status-time.ts';
import { type AdmittedExport, cellsOf, DEVICE_COLUMNS, type Exported, type ExportSource, inParts } from './devices.ts';
import type { Cell } from './format.ts';

const COLUMNS = [
  ...[...DEVICE_COLUMNS, 'from', 'to', 'online_ratio', 'online_seconds', 'degraded_seconds', 'offline_seconds'],
  ...['unknown_seconds', 'blind_seconds', 'maintenance_seconds'],
];

async function* readRows(
  { db, now }: ExportSource,
  wanted: AdmittedExport,
  step: CalendarStep,
): AsyncGenerator<Cell[][]> {
  const parts = cutByCalendar({ fromMs: wanted.from.getTime(), toMs: wanted.to.getTime() }, step, 'UTC');
  for await (const devices of inParts(db, wanted)) {
    const filter = { deviceIds: [...devices.keys()], sites: null, systems: null };
    const rows = await readStatusTime(db, { parts, now: now(), groupBy: 'DEVICE', filter });
    yield rows.flatMap(({ group, part, devices: _, ...time }): Cell[][] => {
      const [device, bounds] = [devices.get(group), parts[part]];
      if (device === undefined || bounds === undefined) return [];
      const times = { ...time, maintenanceSeconds: 0 };
      const range = [bounds.fromMs, bounds.toMs].map((ms) => new Date(ms).toISOString());
      const { onlineSeconds, degradedSeconds, offlineSeconds, unknownSeconds, blindSeconds, maintenanceSeconds } =
        times;
      const up = [onlineRatio(times, DEFAULT_COUNTING), onlineSeconds, degradedSeconds, offlineSeconds];
      return [[...cellsOf(device), ...range, ...up, unknownSeconds, blindSeconds, maintenanceSeconds]];
    });
  }
}

/** How long each device was in which status, cut by UTC's calendar; counted as `availability` does where nothing else is asked for. */
export const exportAvailability = (source: ExportSource, wanted: AdmittedExport, step: CalendarStep): Exported => ({
  columns: COLUMNS,
  rows: readRows(source, wanted, step),
});
