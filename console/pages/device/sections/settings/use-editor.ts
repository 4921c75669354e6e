import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import {
  ApplyDisplaySettingsDocument,
  CheckDisplaySettingsDocument,
  type CheckDisplaySettingsMutation,
  type PlanPartsFragment,
} from '../../../../generated/device/sections/settings/graphql.ts';
import type { Change } from './change-rules.ts';
import { type Display, type Draft, type ReadDraft, readDraft, settled, valuesOf } from './draft-rules.ts';

export type SettingsError = NonNullable<CheckDisplaySettingsMutation['setDisplaySettings']>['userErrors'][number];

/** Where a draft stands. `refused` has what the server says is wrong; `conflict` that the display is another than when the editing began;
 * `failed`, that no answer came: with a plan it is not known whether it was applied, and applying it again applies it once. */
export type Phase =
  | { kind: 'editing' }
  | { kind: 'checking' }
  | { kind: 'checked'; plan: PlanPartsFragment }
  | { kind: 'applying'; plan: PlanPartsFragment }
  | { kind: 'refused'; errors: readonly SettingsError[] }
  | { kind: 'conflict'; message: string }
  | { kind: 'failed'; fault: Fault | undefined; plan: PlanPartsFragment | null };

export type Editor = {
  draft: Draft;
  read: ReadDraft;
  reason: string;
  phase: Phase;
  /** The version of the settings that the draft was made on; null while nothing is edited. */
  baseVersion: number | null;
  edit: (change: Draft) => void;
  setReason: (reason: string) => void;
  /** Asks what would happen. `onPresent`: against what holds by now, after a conflict. */
  check: (onPresent?: boolean) => void;
  apply: () => void;
  /** From what was checked back to the draft. */
  goOnEditing: () => void;
  discard: () => void;
};

const EDITING: Phase = { kind: 'editing' };

/** What the answer to a draft, or to a plan, means for it. */
function refusedPhase(errors: readonly SettingsError[]): Phase {
  const conflict = errors.find(({ code }) => code === 'CONFLICT');
  return conflict === undefined ? { kind: 'refused', errors } : { kind: 'conflict', message: conflict.message };
}

/** The draft of a display's settings: edited, checked by a dry run, and applied as it was checked. */
export function useEditor(display: Display, onApplied: (change: Change) => void): Editor {
  const [draft, setDraft] = useState<Draft>({});
  const [reason, setReason] = useState('');
  const [base, setBase] = useState<number | null>(null);
  const [phase, setPhase] = useState<Phase>(EDITING);
  const [checkSettings] = useMutation(CheckDisplaySettingsDocument, { fetchPolicy: 'no-cache' });
  const [applySettings] = useMutation(ApplyDisplaySettingsDocument);
  const read = readDraft(draft, valuesOf(display), display.settable ?? []);
  const isEdited = read.edited.length > 0;
  const version = display.settingsVersion ?? 0;
  const baseVersion = isEdited ? (base ?? version) : null;

  const discard = (): void => {
    setDraft({});
    setReason('');
    setBase(null);
    setPhase(EDITING);
  };
  const edit = (change: Draft): void => {
    const next = { ...draft, ...change };
    // The version counts from the first edit on: what came before it was seen.
    if (!isEdited) setBase(version);
    setDraft(settled(next, readDraft(next, valuesOf(display), display.settable ?? [])));
    setPhase(EDITING);
  };
  const check = async (onPresent: boolean): Promise<void> => {
    const expectedSettingsVersion = onPresent ? version : (baseVersion ?? version);
    if (onPresent) setBase(version);
    setPhase({ kind: 'checking' });
    try {
      const input = { id: display.id, ...read.input, expectedSettingsVersion, dryRun: true };
      const { data } = await checkSettings({
        variables: { input: { ...input, reason: reason.trim() === '' ? null : reason.trim() } },
      });
      const { plan = null, userErrors = [] } = data?.setDisplaySettings ?? {};
      setPhase(plan === null ? refusedPhase(userErrors) : { kind: 'checked', plan });
    } catch (err) {
      setPhase({ kind: 'failed', fault: faultsOf(err)[0], plan: null });
    }
  };
  const apply = async (plan: PlanPartsFragment): Promise<void> => {
    setPhase({ kind: 'applying', plan });
    try {
      // Without waiting: what becomes of it is followed, and shown as it happens.
      const { data } = await applySettings({ variables: { input: { plan: plan.id, waitMs: 0 } } });
      const { settingsChange = null, userErrors = [] } = data?.applyPlannedSettings ?? {};
      if (settingsChange === null) return setPhase(refusedPhase(userErrors));
      discard();
      onApplied(settingsChange);
    } catch (err) {
      setPhase({ kind: 'failed', fault: faultsOf(err)[0], plan });
    }
  };
  return {
    ...{ draft, read, reason, phase, baseVersion, edit, discard },
    setReason: (text) => {
      setReason(text);
      setPhase(EDITING);
    },
    check: (onPresent = false) => void check(onPresent),
    apply: () => 'plan' in phase && phase.plan !== null && void apply(phase.plan),
    goOnEditing: () => setPhase(EDITING),
  };
}
