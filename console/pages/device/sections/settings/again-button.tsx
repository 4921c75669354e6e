import { useMutation } from '@apollo/client/react';
import { RotateCw } from 'lucide-react';
import { Button } from '../../../../components/button.tsx';
import { say } from '../../../../components/toast.tsx';
import { faultsOf } from '../../../../data/faults.ts';
import { SendAgainDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { type Change, canSendAgain, sentBy } from './change-rules.ts';
import { changeText } from './review.tsx';
import { texts } from './texts.ts';

/** Sends once more what did not take: a change of its own. Nothing where there is nothing to send again. */
export function SendAgain(props: {
  change: Change;
  changes: readonly Change[];
  displayId: string;
  learn: (change: Change) => void;
}) {
  const { change, changes, displayId, learn } = props;
  const [send, { loading }] = useMutation(SendAgainDocument);
  if (!canSendAgain(change, changes)) return null;
  const again = async (): Promise<void> => {
    try {
      // Pressed twice, or in two windows, it is sent once.
      const idempotencyKey = `again ${change.id}`;
      const { data } = await send({
        variables: { input: { id: displayId, ...sentBy(change), reason: change.reason, idempotencyKey, waitMs: 0 } },
      });
      const { settingsChange = null, userErrors = [] } = data?.setDisplaySettings ?? {};
      if (settingsChange === null) return say('failed', userErrors.map(({ message }) => message).join('; '));
      learn(settingsChange);
      say('done', texts.said.sentAgain);
    } catch (err) {
      say('failed', faultsOf(err)[0]?.message ?? String(err));
    }
  };
  return (
    <Button
      icon={<RotateCw aria-hidden="true" />}
      aria-label={texts.changes.againOf(changeText(change.wanted))}
      isDisabled={loading}
      onPress={() => void again()}
    >
      {texts.changes.again}
    </Button>
  );
}
