import { useMutation } from '@apollo/client/react';
import { ConfirmDialog } from '../../../components/dialog.tsx';
import { say } from '../../../components/toast.tsx';
import { relativeTime } from '../../../data/time.ts';
import { useNow } from '../../../data/use-now.ts';
import { RevokeApiKeyDocument } from '../../../generated/admin/graphql.ts';
import { orThrow } from '../outcome.ts';
import type { ApiKey } from './key-rules.ts';
import { texts } from './texts.ts';

/** Takes a key away; says when it was last used, since whoever uses it is cut off. */
export function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const now = useNow();
  const [revoke] = useMutation(RevokeApiKeyDocument);
  const confirm = async (): Promise<void> => {
    const { data } = await revoke({ variables: { id: apiKey.id } });
    orThrow(data?.revokeApiKey);
    say('done', texts.revoke.done(apiKey.name));
  };
  return (
    <ConfirmDialog
      title={texts.revoke.title(apiKey.name)}
      action={texts.revoke.button(apiKey.name)}
      isOpen
      onClose={onClose}
      onConfirm={confirm}
      consequence={
        <>
          <p>{texts.revoke.text}</p>
          <p>
            {apiKey.lastUsedAt === null
              ? texts.revoke.unused
              : texts.revoke.lastUse(relativeTime(apiKey.lastUsedAt, now))}
          </p>
        </>
      }
    />
  );
}
