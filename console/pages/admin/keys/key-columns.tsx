import { Button } from '../../../components/button.tsx';
import type { Column } from '../../../components/data-table.tsx';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { rightOf } from '../../../components/states.tsx';
import { type ApiKey, isUsable, keyState } from './key-rules.ts';
import { texts } from './texts.ts';

/** The columns of the list of API keys. @param zone in which exact times are told */
export const keyColumns = (now: number, zone: string, onRevoke: (apiKey: ApiKey) => void): Column<ApiKey>[] => [
  {
    id: 'name',
    title: texts.columns.name,
    sortValue: ({ name }) => name,
    cell: ({ id, name }) => <span title={`${name} (${id})`}>{name}</span>,
  },
  {
    id: 'state',
    title: texts.columns.state,
    width: '100px',
    sortValue: (key) => texts.state[keyState(key, now)],
    cell: (key) => {
      const state = keyState(key, now);
      return (
        <span className="key-state" data-state={state}>
          {texts.state[state]}
        </span>
      );
    },
  },
  {
    id: 'scopes',
    title: texts.columns.scopes,
    isWideOnly: true,
    cell: ({ scopes }) => (
      <span title={scopes.map((scope) => `${rightOf(scope)} (${scope})`).join('\n')}>
        {scopes.map(rightOf).join(', ')}
      </span>
    ),
  },
  {
    id: 'sites',
    title: texts.columns.sites,
    isWideOnly: true,
    cell: ({ sites }) => {
      const text = sites === null ? texts.anywhere : sites.join(', ');
      return <span title={text}>{text}</span>;
    },
  },
  {
    id: 'used',
    title: texts.columns.used,
    width: '110px',
    isWideOnly: true,
    sortValue: ({ lastUsedAt }) => (lastUsedAt === null ? null : -Date.parse(lastUsedAt)),
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? (
        <span className="quiet">{texts.neverUsed}</span>
      ) : (
        <RelativeTime at={lastUsedAt} zone={zone} />
      ),
  },
  {
    id: 'expires',
    title: texts.columns.expires,
    width: '110px',
    isWideOnly: true,
    // A key that was revoked has come to its end by that.
    sortValue: ({ expiresAt, revokedAt }) => Date.parse(revokedAt ?? expiresAt),
    cell: ({ expiresAt, revokedAt }) => <RelativeTime at={revokedAt ?? expiresAt} zone={zone} />,
  },
  {
    id: 'created',
    title: texts.columns.created,
    width: '110px',
    isWideOnly: true,
    sortValue: ({ createdAt }) => -Date.parse(createdAt),
    cell: ({ createdAt }) => <RelativeTime at={createdAt} zone={zone} />,
  },
  {
    id: 'actions',
    title: texts.columns.actions,
    width: '104px',
    cell: (key) =>
      isUsable(keyState(key, now)) ? (
        <Button kind="plain" aria-label={texts.revoke.button(key.name)} onPress={() => onRevoke(key)}>
          {texts.revoke.action}
        </Button>
      ) : null,
  },
];
