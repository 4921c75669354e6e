import { type ReactNode, useEffect, useRef } from 'react';
import { Button } from '../../../../components/button.tsx';
import { texts as shared } from '../../../../components/texts.ts';
import { clockTime } from '../../../../data/time.ts';
import { useNow } from '../../../../data/use-now.ts';
import { type Change, settingsIn, valueText } from './change-rules.ts';
import { type Display, SETTINGS } from './draft-rules.ts';
import { PlanView } from './plan-view.tsx';
import { texts } from './texts.ts';
import type { Editor } from './use-editor.ts';

type Props = { editor: Editor; display: Display; changes: readonly Change[]; zone: string };

/** What came of the check: the difference and what follows, what is refused and why, or that the display has moved meanwhile. */
export function Review({ editor, display, changes, zone }: Props) {
  const { phase, baseVersion, apply, goOnEditing, check } = editor;
  const now = useNow();
  const since = changes.filter(({ settingsVersion }) => (settingsVersion ?? 0) > (baseVersion ?? Number.MAX_VALUE));
  switch (phase.kind) {
    case 'editing':
    case 'checking':
      return since.length === 0 ? null : (
        <Panel kind="warning" title={texts.conflict.meanwhile(since[0]?.requestedBy ?? '')}>
          <ChangedSince changes={since} zone={zone} />
        </Panel>
      );
    case 'checked':
    case 'applying': {
      const { plan } = phase;
      const isOver = Date.parse(plan.expiresAt) <= now;
      return (
        <Panel title={texts.plan.title} takesFocus>
          <PlanView plan={plan} />
          <p className="quiet">{isOver ? texts.plan.expired : texts.plan.until(clockTime(plan.expiresAt, zone))}</p>
          <div className="draft-actions">
            <Button onPress={goOnEditing} isDisabled={phase.kind === 'applying'}>
              {texts.draft.edit}
            </Button>
            {isOver ? (
              <Button kind="primary" onPress={() => check()}>
                {texts.draft.check}
              </Button>
            ) : (
              <Button kind="primary" onPress={apply} isDisabled={phase.kind === 'applying'}>
                {texts.draft.apply}
              </Button>
            )}
          </div>
        </Panel>
      );
    }
    case 'refused':
      return (
        <Panel kind="refused" title={texts.plan.refused} takesFocus>
          <ul className="plan-effects">
            {phase.errors.map(({ field, message }) => (
              <li key={`${field} ${message}`}>{message}</li>
            ))}
          </ul>
        </Panel>
      );
    case 'conflict':
      return (
        <Panel kind="warning" title={texts.conflict.title} takesFocus>
          <p>{texts.conflict.text}</p>
          {since.length > 0 ? <ChangedSince changes={since} zone={zone} /> : <p className="quiet">{phase.message}</p>}
          <div className="draft-actions">
            <Button onPress={goOnEditing}>{texts.draft.edit}</Button>
            <Button kind="primary" onPress={() => check(true)} isDisabled={display.settingsVersion === null}>
              {texts.conflict.goOn}
            </Button>
          </div>
        </Panel>
      );
    case 'failed':
      return (
        <Panel kind="refused" title={phase.plan === null ? texts.failed.check : texts.failed.apply} takesFocus>
          <p>
            {phase.fault?.kind === 'unreachable' ? shared.failed.unreachable : phase.fault?.message}{' '}
            {phase.plan === null ? texts.failed.kept : texts.failed.once}
          </p>
          <div className="draft-actions">
            {phase.plan === null ? (
              <Button onPress={() => check()}>{texts.failed.checkAgain}</Button>
            ) : (
              <Button onPress={apply}>{texts.failed.applyAgain}</Button>
            )}
          </div>
        </Panel>
      );
    default:
      return phase satisfies never;
  }
}

/** Who changed what since the draft was begun. */
const ChangedSince = ({ changes, zone }: { changes: readonly Change[]; zone: string }) => (
  <ul className="plan-effects">
    {changes.map(({ id, requestedBy, at, wanted }) => (
      <li key={id}>
        {texts.conflict.by(requestedBy, clockTime(at, zone))} {changeText(wanted)}
      </li>
    ))}
  </ul>
);

/** What a change asked for, in a line: `Brightness 70 %, Power Off`. */
export function changeText(wanted: unknown): string {
  const values = settingsIn(wanted);
  const parts = SETTINGS.filter((name) => name in values).map(
    (name) => `${texts.names[name]} ${valueText(name, values[name])}`,
  );
  return parts.join(', ');
}

/** Where the answer to a press of a button appears: the focus goes there, so that the keyboard goes on from it. */
function Panel(props: { title: string; kind?: 'warning' | 'refused'; takesFocus?: boolean; children: ReactNode }) {
  const { title, kind, takesFocus = false, children } = props;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) panel.current?.focus();
  }, [takesFocus]);
  return (
    <section ref={panel} className="review" data-kind={kind} aria-label={title} tabIndex={-1}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
