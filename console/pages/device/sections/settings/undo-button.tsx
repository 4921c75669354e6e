import { useMutation } from '@apollo/client/react';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import { ConfirmDialog } from '../../../../components/dialog.tsx';
import { Skeleton } from '../../../../components/states.tsx';
import { say } from '../../../../components/toast.tsx';
import { faultsOf } from '../../../../data/faults.ts';
import {
  ApplyDisplaySettingsDocument,
  CheckUndoDocument,
  type PlanPartsFragment,
} from '../../../../generated/device/sections/settings/graphql.ts';
import type { Change } from './change-rules.ts';
import { PlanView } from './plan-view.tsx';
import { changeText } from './review.tsx';
import { texts } from './texts.ts';

/** Takes a change back: first what that would do, then a change of its own that sets what was before. */
export function UndoButton({ change, learn }: { change: Change; learn: (change: Change) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [plan, setPlan] = useState<PlanPartsFragment | null>(null);
  const [checkUndo] = useMutation(CheckUndoDocument, { fetchPolicy: 'no-cache' });
  const [applyPlan] = useMutation(ApplyDisplaySettingsDocument);
  const open = async (): Promise<void> => {
    setPlan(null);
    setOpen(true);
    try {
      const { data } = await checkUndo({ variables: { input: { id: change.id, dryRun: true } } });
      const { plan: planned = null, userErrors = [] } = data?.undoDisplaySettings ?? {};
      if (planned !== null) return setPlan(planned);
      say('failed', userErrors.map(({ message }) => message).join('; '));
    } catch (err) {
      say('failed', faultsOf(err)[0]?.message ?? String(err));
    }
    setOpen(false);
  };
  const apply = async (): Promise<void> => {
    if (plan === null) return;
    const { data } = await applyPlan({ variables: { input: { plan: plan.id, waitMs: 0 } } });
    const { settingsChange = null, userErrors = [] } = data?.applyPlannedSettings ?? {};
    if (settingsChange === null) throw new Error(userErrors.map(({ message }) => message).join('; '));
    learn(settingsChange);
    say('done', texts.said.undone);
  };
  return (
    <>
      <Button
        kind="plain"
        icon={<Undo2 aria-hidden="true" />}
        aria-label={texts.changes.undoOf(changeText(change.wanted))}
        onPress={() => void open()}
      >
        {texts.changes.undo}
      </Button>
      <ConfirmDialog
        title={texts.undo.title}
        consequence={plan === null ? <Skeleton lines={3} /> : <PlanView plan={plan} />}
        action={texts.undo.action}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={apply}
      />
    </>
  );
}
