import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { SearchField } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import { StatusShape } from '../../components/status-mark.tsx';
import { isStatus, STATUSES, type Status } from '../../components/status-rules.ts';
import { texts as shared } from '../../components/texts.ts';
import { type DeviceFilters, SYSTEMS } from './filters.ts';
import { texts } from './texts.ts';

/** What narrows the list; each status says how many there are of it. */
export function FilterBar(props: {
  filters: DeviceFilters;
  counts: Readonly<Record<Status, number>>;
  onChange: (change: Partial<DeviceFilters>) => void;
}) {
  const { filters, counts, onChange } = props;
  const systems = [
    { value: '' as const, text: texts.allSystems },
    ...SYSTEMS.map((system) => ({ value: system, text: texts.systems[system] })),
  ];
  return (
    <search className="device-filters">
      <SearchField label={texts.search} value={filters.search} onChange={(search) => onChange({ search })} />
      <Select
        label={texts.system}
        isLabelHidden
        value={filters.system ?? ''}
        options={systems}
        onChange={(system) => onChange({ system: system === '' ? null : system })}
      />
      <ToggleButtonGroup
        className="device-statuses"
        aria-label={texts.statuses}
        selectionMode="multiple"
        selectedKeys={filters.statuses}
        onSelectionChange={(keys) => onChange({ statuses: [...keys].map(String).filter(isStatus) })}
      >
        {STATUSES.map((status) => (
          <ToggleButton
            key={status}
            id={status}
            className="device-status"
            data-none={counts[status] === 0 || undefined}
          >
            <StatusShape status={status} />
            <span>{shared.status[status]}</span>
            <span className="number">{counts[status].toLocaleString('en')}</span>
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </search>
  );
}
