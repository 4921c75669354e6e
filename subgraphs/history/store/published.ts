// Tables of other services, as they publish them. They stand apart from tables.ts, which drizzle-kit would make into migrations.
import { registryChangeColumns, statusChangeColumns } from '@wheelhouse/contracts/status-log.ts';
import { logPosition } from '@wheelhouse/kit/log-table.ts';
import { pgSchema } from 'drizzle-orm/pg-core';

const devices = pgSchema('devices');

/** The status log of the devices service. */
export const statusChanges = devices.table('status_changes', { position: logPosition(), ...statusChangeColumns() });

/** What each entry of the registry became, and when. */
export const registryLog = devices.table('registry_log', { position: logPosition(), ...registryChangeColumns() });
