import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Fault, faultsOf } from '../../../data/faults.ts';
import { InvitationsDocument, type InvitationsQuery } from '../../../generated/admin/graphql.ts';

export type Invitation = NonNullable<InvitationsQuery['invitations']>['nodes'][number];

/** All invitations that nobody has used yet, of those that the viewer could have made, page after page until all are here; null until the first came. */
export function useInvitations(): { invitations: readonly Invitation[] | null; faults: readonly Fault[] } {
  // Whoever was invited may have come since.
  const { data, error, fetchMore } = useQuery(InvitationsDocument, { fetchPolicy: 'cache-and-network' });
  const { hasNextPage = false, endCursor } = data?.invitations?.pageInfo ?? {};
  useEffect(() => {
    if (!hasNextPage) return;
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { invitations } }) =>
        before.invitations && invitations
          ? {
              ...before,
              invitations: { ...invitations, nodes: [...before.invitations.nodes, ...invitations.nodes] },
            }
          : before,
    });
  }, [hasNextPage, endCursor, fetchMore]);
  return { invitations: data?.invitations?.nodes ?? null, faults: faultsOf(error) };
}
