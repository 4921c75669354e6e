import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { ConfirmDialog } from '../../../../components/dialog.tsx';
import type { SettingName } from './draft-rules.ts';
import { texts } from './texts.ts';

/** Asks before a draft is lost: when another page is opened, the past is gone to, or the tab is closed. */
export function LeaveGuard({ edited }: { edited: readonly SettingName[] }) {
  const isEdited = edited.length > 0;
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const isInPast = ({ search }: { search: string }): boolean => new URLSearchParams(search).has('at');
    const goesAway = currentLocation.pathname !== nextLocation.pathname;
    return isEdited && (goesAway || (isInPast(nextLocation) && !isInPast(currentLocation)));
  });
  useEffect(() => {
    if (!isEdited) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isEdited]);
  return (
    <ConfirmDialog
      title={texts.leave.title}
      consequence={<p>{texts.leave.text(edited.map((name) => texts.names[name]).join(', '))}</p>}
      action={texts.leave.action}
      isOpen={blocker.state === 'blocked'}
      onClose={() => blocker.state === 'blocked' && blocker.reset()}
      onConfirm={() => Promise.resolve(blocker.proceed?.())}
    />
  );
}
