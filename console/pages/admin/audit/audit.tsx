import { useQuery } from '@apollo/client/react';
import { ChevronRight, ChevronsLeft } from 'lucide-react';
import { useSearchParams } from 'react-router';
import { Button } from '../../../components/button.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../components/states.tsx';
import { faultsOf } from '../../../data/faults.ts';
import { useSites, zoneBelow } from '../../../data/use-sites.ts';
import { AuditLogDocument } from '../../../generated/admin/graphql.ts';
import { Frame } from '../frame.tsx';
import './audit.css';
import { AuditFilters } from './audit-filters.tsx';
import {
  type AuditAddress,
  filterOf,
  isNarrowed,
  narrowed,
  readAddress,
  refusedTimes,
  writeAddress,
} from './audit-rules.ts';
import { AuditTable } from './audit-table.tsx';
import { texts } from './texts.ts';

/** Who did what, newest first; what narrows it, and the page, are in the address. */
export function Audit() {
  const [search, setSearch] = useSearchParams();
  const address = readAddress(search);
  const { data, error, refetch } = useQuery(AuditLogDocument, {
    variables: { filter: filterOf(address), after: address.after },
    // What came since is wanted whenever somebody looks.
    fetchPolicy: 'network-only',
    nextFetchPolicy: 'network-only',
  });
  const go = (next: AuditAddress): void => setSearch((before) => writeAddress(next, before));
  const narrow = (change: Partial<Omit<AuditAddress, 'after'>>): void => go(narrowed(address, change));
  const faults = faultsOf(error);
  const records = data?.auditLog?.nodes ?? null;
  const { hasNextPage = false, endCursor = null } = data?.auditLog?.pageInfo ?? {};
  const sites = useSites();
  const zone = zoneBelow(sites, address.site);
  const times = (records ?? []).map(refusedTimes).filter((count) => count > 0);
  const refusals = times.reduce((sum, count) => sum + count, 0);
  return (
    <Frame
      part="audit"
      isFilling
      aside={
        records !== null && (
          <span className="quiet number">{texts.counted(records.length, times.length, refusals)}</span>
        )
      }
    >
      <AuditFilters key={`${search} ${zone}`} address={address} zone={zone} onNarrow={narrow} />
      {records !== null && <PartlyFailed faults={faults} />}
      {records === null && faults.length === 0 && <Skeleton lines={10} />}
      {records === null && faults.length > 0 && <Failed faults={faults} onAgain={() => void refetch()} />}
      {records?.length === 0 &&
        (isNarrowed(address) || address.after !== null ? (
          <Empty
            title={texts.none.filtered}
            action={<Button onPress={() => go(readAddress(new URLSearchParams()))}>{texts.clear}</Button>}
          >
            {texts.none.filteredText}
          </Empty>
        ) : (
          <Empty title={texts.none.title}>{texts.none.text}</Empty>
        ))}
      {records !== null && records.length > 0 && <AuditTable records={records} zone={zone} onNarrow={narrow} />}
      {(address.after !== null || hasNextPage) && (
        <nav className="audit-pages" aria-label={texts.pages}>
          <Button
            icon={<ChevronsLeft aria-hidden="true" />}
            isDisabled={address.after === null}
            onPress={() => go({ ...address, after: null })}
          >
            {texts.newest}
          </Button>
          <Button
            icon={<ChevronRight aria-hidden="true" />}
            isDisabled={!hasNextPage}
            onPress={() => go({ ...address, after: endCursor })}
          >
            {texts.older}
          </Button>
        </nav>
      )}
    </Frame>
  );
}
