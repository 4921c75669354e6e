import { useEffect, useRef, useState } from 'react';
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
      <Search search={filters.search} onChange={(search) => onChange({ search })} />
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

/** What is typed shows at once: the address follows behind, and would take letters back that came meanwhile. */
function Search({ search, onChange }: { search: string; onChange: (search: string) => void }) {
  const [typed, setTyped] = useState(search);
  /** What the address has not said yet of what was typed, oldest first. */
  const sent = useRef<string[]>([]);
  useEffect(() => {
    const place = sent.current.indexOf(search);
    sent.current = place < 0 ? [] : sent.current.slice(place + 1);
    if (place < 0) setTyped(search);
  }, [search]);
  const type = (text: string): void => {
    setTyped(text);
    if (text !== search) sent.current.push(text);
    onChange(text);
  };
  return <SearchField label={texts.search} value={typed} onChange={type} />;
}
