import { useEffect, useState } from 'react';
import { ProgressBar } from 'react-aria-components';
import { texts } from './texts.ts';

const TICK_MS = 1_000;

/** Work of which nobody can say how far it is: what is done, and for how long already. @param since in ms since the epoch */
export function Progress({ label, since }: { label: string; since: number }) {
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <ProgressBar className="progress" isIndeterminate aria-label={label}>
      <p role="status">{label}</p>
      <div className="progress-track">
        <div className="progress-bar" />
      </div>
      <p className="quiet number">{texts.seconds(Math.max(0, Math.round((now - since) / 1_000)))}</p>
    </ProgressBar>
  );
}
