import { Ellipsis } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { Button } from '../../../components/button.tsx';
import type { Column } from '../../../components/data-table.tsx';
import '../../../components/menu.css';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { grantOf, printGrants } from '../../../data/grants.ts';
import { texts as shared } from '../texts.ts';
import { texts } from './texts.ts';
import type { User } from './use-users.ts';

/** What can be done with a user; their API keys are at an address of their own. */
export type Deed = 'change' | 'endSessions' | 'switch';

/** The columns of the list of users. @param zone in which exact times are told */
export function userColumns(viewerId: string, zone: string, onDeed: (user: User, deed: Deed) => void): Column<User>[] {
  const rolesOf = ({ grants }: User): string => printGrants(grants.map(grantOf));
  return [
    {
      id: 'name',
      title: texts.columns.name,
      sortValue: ({ name }) => name,
      cell: (user) => (
        <>
          <button type="button" className="cell-button" title={user.name} onClick={() => onDeed(user, 'change')}>
            {user.name}
          </button>
          {user.id === viewerId && <span className="quiet admin-you"> ({texts.isYou})</span>}
        </>
      ),
    },
    {
      id: 'email',
      title: texts.columns.email,
      isWideOnly: true,
      sortValue: ({ email }) => email,
      cell: ({ email }) => <span title={email}>{email}</span>,
    },
    {
      id: 'roles',
      title: texts.columns.roles,
      width: '32%',
      isWideOnly: true,
      sortValue: rolesOf,
      cell: (user) => <span title={rolesOf(user)}>{rolesOf(user)}</span>,
    },
    {
      id: 'state',
      title: texts.columns.state,
      width: '116px',
      sortValue: ({ disabledAt }) => (disabledAt === null ? texts.on : texts.off),
      cell: ({ disabledAt }) =>
        disabledAt === null ? (
          <span className="quiet">{texts.on}</span>
        ) : (
          <strong className="admin-off">{texts.off}</strong>
        ),
    },
    {
      id: 'signedIn',
      title: texts.columns.signedIn,
      width: '130px',
      isWideOnly: true,
      sortValue: ({ lastSignedInAt }) => (lastSignedInAt === null ? null : -Date.parse(lastSignedInAt)),
      cell: ({ lastSignedInAt }) =>
        lastSignedInAt === null ? (
          <span className="quiet">{texts.never}</span>
        ) : (
          <RelativeTime at={lastSignedInAt} zone={zone} />
        ),
    },
    {
      id: 'actions',
      title: texts.columns.actions,
      width: '72px',
      cell: (user) => <Actions user={user} onDeed={onDeed} />,
    },
  ];
}

function Actions({ user, onDeed }: { user: User; onDeed: (user: User, deed: Deed) => void }) {
  const navigate = useNavigate();
  const items: [text: string, act: () => void][] = [
    [texts.actions.change, () => onDeed(user, 'change')],
    [texts.actions.keys, () => void navigate(`/admin/keys?${new URLSearchParams({ user: user.id })}`)],
    [texts.actions.endSessions, () => onDeed(user, 'endSessions')],
    [user.disabledAt === null ? texts.actions.switchOff : texts.actions.switchOn, () => onDeed(user, 'switch')],
  ];
  return (
    <MenuTrigger>
      <Button kind="plain" aria-label={shared.actionsFor(user.name)} icon={<Ellipsis aria-hidden="true" />} />
      <Popover className="menu-popover" placement="bottom end">
        <Menu className="menu">
          {items.map(([text, act]) => (
            <MenuItem key={text} className="menu-item" onAction={act}>
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
