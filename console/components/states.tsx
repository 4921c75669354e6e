import { CircleAlert, Inbox, LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Fault } from '../data/faults.ts';
import { Button } from './button.tsx';
import './states.css';
import { texts } from './texts.ts';

/** Nothing is here: `title` says what would be, `children` how to get it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="state">
      <Inbox size={28} aria-hidden="true" />
      <h2>{title}</h2>
      {children !== undefined && <div className="quiet">{children}</div>}
      {action}
    </div>
  );
}

/** The shape of what comes: as many lines as it will have, at most a screen of them. */
export function Skeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div className="skeleton" role="status" aria-label={texts.loading}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing but their place
        <div key={line} className="skeleton-line" />
      ))}
    </div>
  );
}

/** What a scope allows, in words; a scope that is not known here, as it is. */
export const rightOf = (scope: string): string => texts.scopes[scope] ?? scope;

/** Which right is missing, and who can give it. `isEverywhere`: it is there at some sites, and would have to hold at all of them. */
export function Refused(props: { scopes?: readonly string[]; isEverywhere?: boolean }) {
  const { scopes = [], isEverywhere = false } = props;
  const rights = scopes.map(rightOf).join(', ');
  return (
    <div className="state" role="alert">
      <LockKeyhole size={28} aria-hidden="true" />
      <h2>{texts.refused.title}</h2>
      <p className="quiet">
        {scopes.length > 0 && `${isEverywhere ? texts.refused.everywhere(rights) : texts.refused.missing(rights)} `}
        {texts.refused.who}
      </p>
    </div>
  );
}

/** What failed, what still works, and what to quote to those who look into it. */
export function Failed({ faults, onAgain }: { faults: readonly Fault[]; onAgain?: (() => void) | undefined }) {
  const [fault] = faults;
  if (fault?.kind === 'refused') return <Refused scopes={fault.scopes} />;
  return (
    <div className="state" role="alert">
      <CircleAlert size={28} aria-hidden="true" />
      <h2>{texts.failed.title}</h2>
      {fault?.kind === 'away' && <p>{texts.failed.away}</p>}
      {fault?.kind === 'unreachable' && <p>{texts.failed.unreachable}</p>}
      {fault !== undefined && <p className="quiet">{fault.message}</p>}
      {fault?.kind === 'failed' && <p className="quiet">{texts.failed.quote(fault.code, fault.id)}</p>}
      {onAgain !== undefined && <Button onPress={onAgain}>{texts.failed.again}</Button>}
    </div>
  );
}

/** Above what is there, when a part of it is missing. Nothing when all is there. */
export function PartlyFailed({ faults }: { faults: readonly Fault[] }) {
  if (faults.length === 0) return null;
  return (
    <p className="partly" role="status">
      {texts.failed.partly} {[...new Set(faults.map(({ message }) => message))].join('; ')}
    </p>
  );
}
