import { FileUp } from 'lucide-react';
import { DropZone, FileTrigger } from 'react-aria-components';
import { Link } from 'react-router';
import { Button } from '../../../components/button.tsx';
import { Refused, Skeleton } from '../../../components/states.tsx';
import { Frame } from '../frame.tsx';
import './import.css';
import { MAX_BYTES, type Outcome, type Phase, type Plan } from './import-rules.ts';
import { PlanView, Refusals } from './plan-view.tsx';
import { Progress } from './progress.tsx';
import { texts } from './texts.ts';
import { useImport } from './use-import.ts';

/** Takes an estate file over: its differences first, and then, by the id of that very plan, the deed. */
export function Import() {
  const { phase, choose, apply, fail, lose } = useImport();
  const isBusy = phase.kind === 'comparing' || phase.kind === 'applying' || phase.kind === 'opening';
  return (
    <Frame part="import">
      <p className="admin-words">{texts.intro}</p>
      {!isBusy && <Choose isFirst={phase.kind === 'choosing'} onFile={choose} onFault={fail} />}
      <State phase={phase} onApply={apply} onGone={lose} />
    </Frame>
  );
}

function State(props: { phase: Phase; onApply: (plan: Plan) => Promise<void>; onGone: () => void }) {
  const { phase, onApply, onGone } = props;
  switch (phase.kind) {
    case 'choosing':
      return phase.fault === null ? null : (
        <p className="field-error" role="alert">
          {phase.fault}
        </p>
      );
    case 'opening':
      return <Skeleton lines={6} />;
    case 'comparing':
      return <Progress label={texts.comparing(phase.name)} since={phase.since} />;
    case 'applying':
      return <Progress label={texts.applying} since={phase.since} />;
    case 'planned':
      return (
        <>
          <Refusals refusals={phase.refusals} />
          {phase.plan !== null && <PlanView name={phase.name} plan={phase.plan} onApply={onApply} onGone={onGone} />}
        </>
      );
    case 'failed':
      return <NotDone phase={phase} onApply={onApply} />;
    case 'refused':
      return <Refused scopes={['estate:write']} isEverywhere />;
    case 'gone':
      return (
        <section className="import-outcome" role="alert">
          <h2>{texts.goneTitle}</h2>
          <p>{texts.goneText}</p>
        </section>
      );
    case 'done':
      return <Done outcome={phase.outcome} />;
  }
}

/** A file comes by a press, or is dropped. */
function Choose(props: { isFirst: boolean; onFile: (file: File) => Promise<void>; onFault: (fault: string) => void }) {
  const { isFirst, onFile, onFault } = props;
  return (
    <DropZone
      className="drop-zone"
      aria-label={texts.dropHere}
      data-small={!isFirst || undefined}
      onDrop={async ({ items }) => {
        const [item] = items.filter(({ kind }) => kind === 'file');
        if (item?.kind !== 'file') return onFault(texts.noFile);
        await onFile(await item.getFile());
      }}
    >
      {isFirst && (
        <>
          <FileUp size={28} aria-hidden="true" />
          <p>{texts.drop}</p>
        </>
      )}
      <FileTrigger
        acceptedFileTypes={['.yaml', '.yml', '.json']}
        onSelect={(files) => {
          const file = files?.[0];
          if (file !== undefined) void onFile(file);
        }}
      >
        <Button kind={isFirst ? 'primary' : 'secondary'}>{isFirst ? texts.choose : texts.another}</Button>
      </FileTrigger>
      <p className="field-hint">{texts.limit(MAX_BYTES)}</p>
    </DropZone>
  );
}

function NotDone(props: { phase: Extract<Phase, { kind: 'failed' }>; onApply: (plan: Plan) => Promise<void> }) {
  const { plan, messages, isConflict, isUnsure } = props.phase;
  return (
    <section className="import-outcome" data-kind="failed" role="alert">
      <h2>{isConflict ? texts.conflictTitle : texts.failedTitle}</h2>
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
      <p>{isConflict ? texts.conflictText : isUnsure ? texts.unsureText : texts.failedText}</p>
      {!isConflict && <Button onPress={() => void props.onApply(plan)}>{texts.again}</Button>}
    </section>
  );
}

const Done = ({ outcome: { added, changed, unchanged, sitesChanged } }: { outcome: Outcome }) => (
  <section className="import-outcome" role="status">
    <h2>{texts.doneTitle}</h2>
    <p>{texts.done(added, changed, unchanged, sitesChanged)}</p>
    <Link to="/devices">{texts.toDevices}</Link>
  </section>
);
