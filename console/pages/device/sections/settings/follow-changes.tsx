import { useFollowed } from '../../../../data/use-followed.ts';
import { SettingsChangeFollowedDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { isOpen } from '../../changes-rules.ts';
import type { Change } from './change-rules.ts';

type Props = { onEvent: (change: Change) => void };

/** Follows every change that is known here and has not come to its end, for who is not told of all of them; shows nothing. */
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
