import { useMutation } from '@apollo/client/react';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import { ConfirmDialog } from '../../../../components/dialog.tsx';
import { Skeleton } from '../../../../components/states.tsx';
import { say } from '../../../../components/toast.tsx';
import { faultsOf } from '../../../../data/faults.ts';
import {
  ApplyAudioPlanDocument,
  CheckAudioUndoDocument,
  type CheckAudioUndoMutation,
} from '../../../../generated/device/sections/audio/graphql.ts';
import { type Change, namesIn, valueOfControl } from './outcome-rules.ts';
import { texts } from './texts.ts';

const own = texts.mend;
type Plan = NonNullable<NonNullable<CheckAudioUndoMutation['undoAudioControls']>['plan']>;
type Learn = (change: Change) => void;

/** Takes a change of controls back: first what that would do, then a change of its own that sets what was before. */
export function UndoButton({ change, label, learn }: { change: Change; label: string; learn: Learn }) {
  const [isOpen, setOpen] = useState(false);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [checkUndo] = useMutation(CheckAudioUndoDocument, { fetchPolicy: 'no-cache' });
  const [applyPlan] = useMutation(ApplyAudioPlanDocument);
  const open = async (): Promise<void> => {
    setPlan(null);
    setOpen(true);
    try {
      const { data } = await checkUndo({ variables: { input: { id: change.id, dryRun: true } } });
      const { plan: planned = null, userErrors = [] } = data?.undoAudioControls ?? {};
      if (planned !== null) return setPlan(planned);
      say('failed', userErrors.map(({ message }) => message).join('; ') || own.nothing);
    } catch (err) {
      say('failed', faultsOf(err)[0]?.message ?? String(err));
    }
    setOpen(false);
  };
  const apply = async (): Promise<void> => {
    if (plan === null) return;
    const { data } = await applyPlan({ variables: { input: { plan: plan.id, waitMs: 0 } } });
    const { settingsChange = null, userErrors = [] } = data?.applyPlannedAudioControls ?? {};
    if (settingsChange === null) throw new Error(userErrors.map(({ message }) => message).join('; '));
    learn(settingsChange);
    say('done', own.undone);
  };
  return (
    <>
      <Button
        kind="plain"
        icon={<Undo2 aria-hidden="true" />}
        aria-label={own.undoOf(label)}
        onPress={() => void open()}
      >
        {own.undo}
      </Button>
      <ConfirmDialog
        title={own.title}
        consequence={plan === null ? <Skeleton lines={3} /> : <PlanTable plan={plan} />}
        action={own.action}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        onConfirm={apply}
      />
    </>
  );
}

function PlanTable({ plan }: { plan: Plan }) {
  return (
    <>
      <table className="plan-table">
        <thead>
          <tr>
            <th scope="col">{own.control}</th>
            <th scope="col">{own.now}</th>
            <th scope="col">{own.after}</th>
          </tr>
        </thead>
        <tbody>
          {plan.changes.map(({ setting, before, after }) => (
            <tr key={setting}>
              <th scope="row">{namesIn(setting)}</th>
              <td className="number">
                <del>{valueOfControl(setting, before, before)}</del>
              </td>
              <td className="number">
                <ins>{valueOfControl(setting, after, before)}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.effects.length > 0 && (
        <div>
          <h4>{own.effects}</h4>
          <ul className="plan-effects">
            {plan.effects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
