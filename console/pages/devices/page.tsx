import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../components/states.tsx';
import { STATUSES, type Status } from '../../components/status-rules.ts';
import { useSites } from '../../data/use-sites.ts';
import { isAllowed, useViewer } from '../../data/viewer.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { BulkBar } from './bulk/bulk-bar.tsx';
import { BulkProgress } from './bulk/bulk-progress.tsx';
import { deviceColumns } from './columns.tsx';
import './devices.css';
import { FilterBar } from './filter-bar.tsx';
import { type DeviceFilters, readFilters, writeFilters } from './filters.ts';
import { texts } from './texts.ts';
import { useDevices } from './use-devices.ts';

const NONE_CHOSEN: ReadonlySet<string> = new Set();

export function Page() {
  const [address, setAddress] = useSearchParams();
  const filters = readFilters(address);
  const change = (changed: Partial<DeviceFilters>): void =>
    setAddress((before) => writeFilters({ ...readFilters(before), ...changed }, before), { replace: true });
  const { rows, total, faults, again } = useDevices(filters);
  const sites = useSites();
  const canSet = isAllowed(useViewer(), ['settings:write']);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NONE_CHOSEN);
  const columns = useMemo(() => deviceColumns(sites), [sites]);
  const all = rows ?? [];
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, all.filter((row) => row.status === status).length]),
  ) as Record<Status, number>;
  const shown = filters.statuses.length === 0 ? all : all.filter(({ status }) => filters.statuses.includes(status));
  // What is out of sight is not acted upon.
  const chosenRows = useMemo(() => shown.filter(({ id }) => chosen.has(id)), [shown, chosen]);

  return (
    <div className="page page-fill">
      <PageHead
        title={texts.title}
        aside={rows !== null && <span className="quiet number">{texts.counts(shown.length, total)}</span>}
      />
      <FilterBar filters={filters} counts={counts} onChange={change} />
      <BulkProgress />
      <BulkBar
        displays={chosenRows.filter(({ system }) => system === 'FIDA')}
        chosen={chosenRows.length}
        onClear={() => setChosen(NONE_CHOSEN)}
      />
      {rows !== null && <PartlyFailed faults={faults} />}
      {rows !== null && rows.length < total && (
        <p className="quiet" role="status">
          {texts.loadingMore(rows.length, total)}
        </p>
      )}
      {rows === null && faults.length === 0 && <Skeleton lines={12} />}
      {rows === null && faults.length > 0 && <Failed faults={faults} onAgain={again} />}
      {rows !== null && shown.length > 0 && (
        <DataTable
          label={texts.table}
          columns={columns}
          rows={shown}
          keyOf={({ id }) => id}
          nameOf={({ name }) => name}
          sort={filters.sort}
          onSort={(sort) => change({ sort })}
          {...(canSet && { selection: { keys: chosen, onChange: setChosen } })}
        />
      )}
      {rows !== null && shown.length === 0 && (
        <NoDevices
          isFiltered={total > 0 || filters.search !== '' || filters.system !== null || filters.site !== null}
          onClear={() => change({ search: '', statuses: [], system: null, site: null })}
        />
      )}
    </div>
  );
}

const NoDevices = ({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) =>
  isFiltered ? (
    <Empty title={texts.none.filtered} action={<Button onPress={onClear}>{texts.clear}</Button>}>
      {texts.none.filteredText}
    </Empty>
  ) : (
    <Empty title={texts.none.title}>{texts.none.text}</Empty>
  );
