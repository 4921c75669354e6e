import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Fault, faultsOf } from '../../../data/faults.ts';
import { UsersDocument, type UsersQuery } from '../../../generated/admin/graphql.ts';

export type User = NonNullable<UsersQuery['users']>['nodes'][number];

/** All users whom the viewer may manage, ordered by e-mail, page after page until all are here. `isSkipped`: nobody is asked for. */
export function useUsers(isSkipped = false): {
  users: readonly User[] | null;
  faults: readonly Fault[];
  again: () => void;
} {
  const { data, error, refetch, fetchMore } = useQuery(UsersDocument, { skip: isSkipped });
  const { hasNextPage = false, endCursor } = data?.users?.pageInfo ?? {};
  useEffect(() => {
    if (!hasNextPage) return;
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { users } }) =>
        before.users && users
          ? { ...before, users: { ...users, nodes: [...before.users.nodes, ...users.nodes] } }
          : before,
    });
  }, [hasNextPage, endCursor, fetchMore]);
  return { users: data?.users?.nodes ?? null, faults: faultsOf(error), again: () => void refetch() };
}
