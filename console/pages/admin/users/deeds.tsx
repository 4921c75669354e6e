import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { say } from '../../../components/toast.tsx';
import { useViewer } from '../../../data/viewer.ts';
import { EndSessionsDocument, UpdateUserDocument } from '../../../generated/admin/graphql.ts';
import { orThrow } from '../outcome.ts';
import { ReasonedDialog } from '../reason-field.tsx';
import { texts } from './texts.ts';
import type { User } from './use-users.ts';

/** Switches somebody off, or on again. */
export function SwitchDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const viewer = useViewer();
  const [update] = useMutation(UpdateUserDocument);
  const isOff = user.disabledAt !== null;
  const said = isOff ? texts.switchOn : texts.switchOff;
  const confirm = async (reason: string | null): Promise<void> => {
    const { data } = await update({ variables: { input: { id: user.id, disabled: !isOff, reason } } });
    orThrow(data?.updateUser);
    say('done', said.done(user.name));
  };
  return (
    <ReasonedDialog
      title={said.title(user.name)}
      action={said.title(user.name)}
      onClose={onClose}
      onConfirm={confirm}
      consequence={
        <>
          <p>{said.text(user.name)}</p>
          {!isOff && user.id === viewer.id && <p>{texts.switchOff.self}</p>}
        </>
      }
    />
  );
}

/** Signs somebody out everywhere, and takes their API keys away where that is wanted. */
export function EndSessionsDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [withKeys, setWithKeys] = useState(false);
  const [end] = useMutation(EndSessionsDocument);
  const confirm = async (reason: string | null): Promise<void> => {
    const { data } = await end({ variables: { userId: user.id, reason, revokeApiKeys: withKeys } });
    const { ended } = orThrow(data?.endSessions);
    say('done', texts.endSessions.done(user.name, ended ?? 0));
  };
  return (
    <ReasonedDialog
      title={texts.endSessions.title(user.name)}
      action={withKeys ? texts.endSessions.actionWithKeys : texts.endSessions.action}
      onClose={onClose}
      onConfirm={confirm}
      consequence={
        <>
          <p>{texts.endSessions.text(user.name)}</p>
          <label className="tick">
            <input type="checkbox" checked={withKeys} onChange={({ target }) => setWithKeys(target.checked)} />
            {texts.endSessions.keys}
          </label>
          {!withKeys && <p className="quiet">{texts.endSessions.keysStay}</p>}
        </>
      }
    />
  );
}
