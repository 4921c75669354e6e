import type { Database, Sql } from '@wheelhouse/kit/database.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { type ExportedDevice, findExported } from '../store/export.ts';
import { DAY_MS } from '../time-range.ts';
import type { Cell } from './format.ts';
import type { Export } from './params.ts';

export type ExportSource = { db: Database; client: Sql; now: () => Date };
/** What is asked for, by somebody who may see the past of devices in this area. */
export type AdmittedExport = Export & { area: Area };
/** Rows as they come, several at a time. */
export type Exported = { columns: readonly string[]; rows: AsyncGenerator<Cell[][]> };

/** What every row begins with: the device, and where it stands now or stood last. */
export const DEVICE_COLUMNS = ['device_id', 'name', 'site', 'system'];
export const cellsOf = ({ id, name, site, system }: ExportedDevice): Cell[] => [id, name, site, system];

/** Days of devices, each with all that is told of it, that are in memory at a time. */
const DEVICE_DAYS = 5_000;

/** The devices of an export, by id, as many at a time as may be read together day by day. */
export async function* inParts(db: Database, wanted: AdmittedExport): AsyncGenerator<Map<string, ExportedDevice>> {
  const devices = await findExported(db, wanted);
  const days = Math.ceil((wanted.to.getTime() - wanted.from.getTime()) / DAY_MS) + 1;
  const size = Math.max(1, Math.floor(DEVICE_DAYS / days));
  for (let first = 0; first < devices.length; first += size)
    yield new Map(devices.slice(first, first + size).map((device) => [device.id, device]));
}
