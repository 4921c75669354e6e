import { Link } from 'react-router';
import type { Column } from '../../components/data-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusMark } from '../../components/status-mark.tsx';
import { severity } from '../../components/status-rules.ts';
import { clockTime } from '../../data/time.ts';
import { type Site, zoneOf } from '../../data/use-sites.ts';
import { texts } from './texts.ts';
import type { DeviceRow } from './use-devices.ts';

/** The columns of the list; times are said in the zone of each device's site. */
export const deviceColumns = (sites: readonly Site[]): Column<DeviceRow>[] => [
  {
    id: 'name',
    title: texts.columns.name,
    sortValue: ({ name }) => name,
    cell: ({ id, name }) => (
      <Link to={`/devices/${id}`} title={name}>
        {name}
      </Link>
    ),
  },
  {
    id: 'status',
    title: texts.columns.status,
    // Room for what is stale: a status, and as of when.
    width: '220px',
    // The longest in trouble stands last among those in trouble: what is new stands first.
    sortValue: ({ status, statusSince }) => severity(status) * 1e14 - Date.parse(statusSince),
    cell: ({ status, stale, observedAt, statusReason, site }) => (
      <span title={statusReason ?? undefined}>
        <StatusMark
          status={status}
          staleAsOf={stale && observedAt !== null ? clockTime(observedAt, zoneOf(sites, site)) : null}
        />
      </span>
    ),
  },
  {
    id: 'since',
    title: texts.columns.since,
    width: '110px',
    isWideOnly: true,
    sortValue: ({ statusSince }) => -Date.parse(statusSince),
    cell: ({ statusSince, site }) => <RelativeTime at={statusSince} zone={zoneOf(sites, site)} />,
  },
  {
    id: 'site',
    title: texts.columns.site,
    width: '18%',
    isWideOnly: true,
    sortValue: ({ site }) => site,
    cell: ({ site }) => <span title={site}>{site}</span>,
  },
  {
    id: 'system',
    title: texts.columns.system,
    width: '130px',
    isWideOnly: true,
    sortValue: ({ system }) => texts.systems[system],
    cell: ({ system }) => texts.systems[system],
  },
  {
    id: 'address',
    title: texts.columns.address,
    width: '170px',
    isWideOnly: true,
    sortValue: ({ address }) => address,
    cell: ({ address }) => <span className="number">{address}</span>,
  },
  {
    id: 'seen',
    title: texts.columns.seen,
    width: '110px',
    isWideOnly: true,
    sortValue: ({ observedAt }) => (observedAt === null ? null : -Date.parse(observedAt)),
    cell: ({ observedAt, site }) => <RelativeTime at={observedAt} zone={zoneOf(sites, site)} />,
  },
];
