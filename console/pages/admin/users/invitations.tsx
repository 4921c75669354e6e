import { useMutation } from '@apollo/client/react';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { say } from '../../../components/toast.tsx';
import { grantOf, printGrants } from '../../../data/grants.ts';
import { exactInBoth, exactTime, viewerZone } from '../../../data/time.ts';
import { InvitationsDocument, RevokeInvitationDocument } from '../../../generated/admin/graphql.ts';
import { orThrow } from '../outcome.ts';
import { ReasonedDialog } from '../reason-field.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { texts } from './texts.ts';
import type { Invitation } from './use-invitations.ts';

const own = texts.invitations;
const rolesOf = ({ grants }: Invitation): string => printGrants(grants.map(grantOf));

/** Who was invited and has not come yet, and a way to take it back. Nothing where there is nobody. */
export function Invitations({ invitations }: { invitations: readonly Invitation[] }) {
  const [sort, setSort] = useState({ by: 'ends', isDescending: false });
  const [revoked, setRevoked] = useState<Invitation | null>(null);
  const zone = useZoneBelow();
  const count = useRef(invitations.length);
  useEffect(() => {
    // The row that had the focus is gone: whoever has no mouse goes on from the first table that is left.
    if (invitations.length < count.current && document.activeElement === document.body)
      document.querySelector<HTMLElement>('.admin .data-table')?.focus();
    count.current = invitations.length;
  }, [invitations.length]);
  if (invitations.length === 0 && revoked === null) return null;
  return (
    <section className="invitations" aria-labelledby="invitations-title">
      <h2 id="invitations-title">{own.title}</h2>
      <DataTable
        label={own.table}
        columns={invitationColumns(zone, setRevoked)}
        rows={invitations}
        keyOf={({ id }) => id}
        nameOf={({ email }) => email}
        sort={sort}
        onSort={setSort}
      />
      {revoked !== null && <TakeBackDialog invitation={revoked} onClose={() => setRevoked(null)} />}
    </section>
  );
}

const invitationColumns = (zone: string, onRevoke: (invitation: Invitation) => void): Column<Invitation>[] => [
  {
    id: 'email',
    title: own.columns.email,
    sortValue: ({ email }) => email,
    cell: ({ email, holds }) => (
      <>
        {!holds && (
          <span className="invitation-dead" title={own.deadText}>
            <TriangleAlert size={14} aria-hidden="true" /> <span>{own.dead}</span>
          </span>
        )}
        <span title={email}>{email}</span>
      </>
    ),
  },
  {
    id: 'roles',
    title: own.columns.roles,
    width: '32%',
    isWideOnly: true,
    sortValue: rolesOf,
    cell: (invitation) => <span title={rolesOf(invitation)}>{rolesOf(invitation)}</span>,
  },
  {
    id: 'by',
    title: own.columns.by,
    isWideOnly: true,
    sortValue: ({ invitedBy }) => invitedBy,
    cell: ({ invitedBy }) => <span title={invitedBy}>{invitedBy}</span>,
  },
  {
    id: 'ends',
    title: own.columns.ends,
    width: '130px',
    isWideOnly: true,
    sortValue: ({ expiresAt }) => Date.parse(expiresAt),
    cell: ({ expiresAt }) => <RelativeTime at={expiresAt} zone={zone} />,
  },
  {
    id: 'actions',
    title: own.columns.actions,
    width: '112px',
    cell: (invitation) => (
      <Button kind="plain" aria-label={own.takeBackFrom(invitation.email)} onPress={() => onRevoke(invitation)}>
        {own.takeBack}
      </Button>
    ),
  },
];

function TakeBackDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const { id, email } = invitation;
  const zone = useZoneBelow();
  // What nobody may use any more is in no list: also not where somebody else was quicker.
  const [revoke] = useMutation(RevokeInvitationDocument, { refetchQueries: [InvitationsDocument] });
  const confirm = async (reason: string | null): Promise<void> => {
    const { data } = await revoke({ variables: { id, reason } });
    orThrow(data?.revokeInvitation);
    say('done', own.done(email));
  };
  return (
    <ReasonedDialog
      title={own.takeBackFrom(email)}
      action={own.takeBack}
      onClose={onClose}
      onConfirm={confirm}
      consequence={
        <>
          <p>{invitation.holds ? own.willHappen(email) : own.deadText}</p>
          <p title={exactInBoth(invitation.expiresAt, zone, viewerZone())}>
            {own.gives(rolesOf(invitation), exactTime(invitation.expiresAt, zone), zone)}
          </p>
        </>
      }
    />
  );
}
