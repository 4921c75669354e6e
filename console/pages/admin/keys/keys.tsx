import { useQuery } from '@apollo/client/react';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '../../../components/button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Select } from '../../../components/select.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../components/states.tsx';
import { parseSort, printSort } from '../../../components/table-rules.ts';
import { faultsOf } from '../../../data/faults.ts';
import { useNow } from '../../../data/use-now.ts';
import { isAllowed, useViewer } from '../../../data/viewer.ts';
import { ApiKeysDocument } from '../../../generated/admin/graphql.ts';
import { Frame } from '../frame.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { useUsers } from '../users/use-users.ts';
import { CreateDialog } from './create-dialog.tsx';
import { keyColumns } from './key-columns.tsx';
import type { ApiKey } from './key-rules.ts';
import { RevokeDialog } from './revoke-dialog.tsx';
import { texts } from './texts.ts';

/** The newest first. */
const DEFAULT_SORT = { by: 'created', isDescending: false };
const SORTED_BY = ['name', 'state', 'used', 'expires', 'created'];

/** The viewer's API keys, or those of somebody whom they may manage: `?user=ID`. */
export function Keys() {
  const viewer = useViewer();
  const [address, setAddress] = useSearchParams();
  const isManager = isAllowed(viewer, ['accounts:write']);
  const { users } = useUsers(!isManager);
  const wanted = address.get('user');
  const other = wanted !== null && wanted !== '' && wanted !== viewer.id ? wanted : null;
  const { data, error, refetch, fetchMore } = useQuery(ApiKeysDocument, { variables: { userId: other } });
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  const now = useNow();
  const zone = useZoneBelow();
  const faults = faultsOf(error);
  const keys = data?.apiKeys?.nodes ?? null;
  const { hasNextPage = false, endCursor } = data?.apiKeys?.pageInfo ?? {};
  const set = (name: string, value: string): void =>
    setAddress(
      (before) => {
        if (value === '') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const older = (): void =>
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { apiKeys } }) =>
        before.apiKeys && apiKeys
          ? { ...before, apiKeys: { ...apiKeys, nodes: [...before.apiKeys.nodes, ...apiKeys.nodes] } }
          : before,
    });
  const others = (users ?? []).filter(({ id }) => id !== viewer.id);
  const owners = [
    { value: '', text: texts.own },
    ...others.map(({ id, name, email }) => ({ value: id, text: `${name}, ${email}` })),
    ...(other !== null && !others.some(({ id }) => id === other)
      ? [{ value: other, text: texts.notKnown(other) }]
      : []),
  ];
  return (
    <Frame
      part="keys"
      isFilling
      aside={keys !== null && <span className="quiet number">{keys.length.toLocaleString('en')}</span>}
      actions={
        other === null && (
          <Button kind="primary" icon={<KeyRound aria-hidden="true" />} onPress={() => setMaking(true)}>
            {texts.create.button}
          </Button>
        )
      }
    >
      <p className="quiet">{texts.intro}</p>
      {(isManager || other !== null) && (
        <div className="admin-whose">
          <Select label={texts.whose} value={other ?? ''} options={owners} onChange={(id) => set('user', id)} />
        </div>
      )}
      {keys !== null && <PartlyFailed faults={faults} />}
      {keys === null && faults.length === 0 && <Skeleton lines={4} />}
      {keys === null && faults.length > 0 && <Failed faults={faults} onAgain={() => void refetch()} />}
      {keys?.length === 0 && (
        <Empty title={other === null ? texts.none.own : texts.none.other}>{texts.none.text}</Empty>
      )}
      {keys !== null && keys.length > 0 && (
        <DataTable
          label={texts.table}
          columns={keyColumns(now, zone, setRevoked)}
          rows={keys}
          keyOf={({ id }) => id}
          nameOf={({ name }) => name}
          sort={parseSort(address.get('sort'), SORTED_BY, DEFAULT_SORT)}
          onSort={(sort) => set('sort', printSort(sort))}
        />
      )}
      {hasNextPage && (
        <div>
          <Button onPress={older}>{texts.more}</Button>
        </div>
      )}
      {isMaking && <CreateDialog onClose={() => setMaking(false)} onMade={() => void refetch()} />}
      {revoked !== null && <RevokeDialog apiKey={revoked} onClose={() => setRevoked(null)} />}
    </Frame>
  );
}
