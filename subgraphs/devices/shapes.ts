import type { Page } from '@wheelhouse/kit/connection.ts';
import type { EstatePlan } from './estate-plans.ts';
import type { Filter } from './filter.ts';
import type { DeviceRow } from './store/devices.ts';
import type { SiteRow } from './store/sites.ts';
import type { StatusChangeRow } from './store/statuses.ts';

export type DeviceShape = DeviceRow;
export type DeviceConnectionShape = Page<DeviceRow> & { filter: Filter };
export type StatusChangeShape = StatusChangeRow & { cursor: string };
export type SiteShape = SiteRow;
export type EstateImportPlanShape = EstatePlan;
