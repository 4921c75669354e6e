import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '../../../components/button.tsx';
import { DataTable } from '../../../components/data-table.tsx';
import { Empty, Failed, PartlyFailed, Skeleton } from '../../../components/states.tsx';
import { parseSort, printSort } from '../../../components/table-rules.ts';
import { useViewer } from '../../../data/viewer.ts';
import { Frame } from '../frame.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { ChangeDialog } from './change-dialog.tsx';
import { EndSessionsDialog, SwitchDialog } from './deeds.tsx';
import { Invitations } from './invitations.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { texts } from './texts.ts';
import { useInvitations } from './use-invitations.ts';
import { type User, useUsers } from './use-users.ts';
import { type Deed, userColumns } from './user-columns.tsx';

const DEFAULT_SORT = { by: 'name', isDescending: false };
const SORTED_BY = ['name', 'email', 'roles', 'state', 'signedIn'];

/** Everybody with an account whom the viewer may manage. */
export function Users() {
  const viewer = useViewer();
  const { users, faults, again } = useUsers();
  const { invitations, faults: ofInvitations } = useInvitations();
  const [address, setAddress] = useSearchParams();
  const [isInviting, setInviting] = useState(false);
  const [deed, setDeed] = useState<{ user: User; deed: Deed } | null>(null);
  const sort = parseSort(address.get('sort'), SORTED_BY, DEFAULT_SORT);
  const close = (): void => setDeed(null);
  const columns = userColumns(viewer.id, useZoneBelow(), (user, chosen) => setDeed({ user, deed: chosen }));
  return (
    <Frame
      part="users"
      isFilling
      aside={
        users !== null && (
          <span className="quiet number">
            {texts.count(users.length)}
            {invitations !== null && invitations.length > 0 && `, ${texts.invitations.count(invitations.length)}`}
          </span>
        )
      }
      actions={
        <Button kind="primary" icon={<UserPlus aria-hidden="true" />} onPress={() => setInviting(true)}>
          {texts.invite.button}
        </Button>
      }
    >
      {users !== null && <PartlyFailed faults={[...faults, ...ofInvitations]} />}
      {users !== null && invitations !== null && <Invitations invitations={invitations} />}
      {users !== null && users.length > 0 && invitations !== null && invitations.length > 0 && (
        <h2>{texts.accounts}</h2>
      )}
      {users === null && faults.length === 0 && <Skeleton lines={8} />}
      {users === null && faults.length > 0 && <Failed faults={faults} onAgain={again} />}
      {users?.length === 0 && <Empty title={texts.none.title}>{texts.none.text}</Empty>}
      {users !== null && users.length > 0 && (
        <DataTable
          label={texts.table}
          columns={columns}
          rows={users}
          keyOf={({ id }) => id}
          nameOf={({ name }) => name}
          sort={sort}
          onSort={(next) =>
            setAddress(
              (before) => {
                before.set('sort', printSort(next));
                return before;
              },
              { replace: true },
            )
          }
        />
      )}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
      {deed?.deed === 'change' && <ChangeDialog user={deed.user} onClose={close} />}
      {deed?.deed === 'endSessions' && <EndSessionsDialog user={deed.user} onClose={close} />}
      {deed?.deed === 'switch' && <SwitchDialog user={deed.user} onClose={close} />}
    </Frame>
  );
}
