import { Zap } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import { ConfirmDialog } from '../../../../components/dialog.tsx';
import { texts } from './texts.ts';

/** Fires a trigger, after it has said that this can't be taken back. */
export function TriggerHandle({ label, onFire }: { label: string; onFire: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Zap aria-hidden="true" />} aria-label={texts.trigger.of(label)} onPress={() => setOpen(true)}>
        {texts.trigger.fire}
      </Button>
      <ConfirmDialog
        title={texts.trigger.title(label)}
        consequence={<p>{texts.trigger.consequence}</p>}
        action={texts.trigger.fire}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={async () => onFire()}
      />
    </>
  );
}
