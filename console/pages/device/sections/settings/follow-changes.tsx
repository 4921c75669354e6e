import { useFollowed } from '../../../../data/use-followed.ts';
import { SettingsChangeFollowedDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { type Change, isOpen } from './change-rules.ts';

type Props = { onEvent: (change: Change) => void };

/** Follows every change that has not come to its end, whoever made it; shows nothing. */
export const FollowChanges = ({ changes, onEvent }: Props & { changes: readonly Change[] }) =>
  changes.filter(isOpen).map(({ id }) => <FollowChange key={id} id={id} onEvent={onEvent} />);

function FollowChange({ id, onEvent }: Props & { id: string }) {
  useFollowed({
    document: SettingsChangeFollowedDocument,
    variables: { id },
    onEvent: ({ settingsChangeUpdated: change }) => change !== null && onEvent(change),
  });
  return null;
}
