import { ExternalLink } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Empty, Failed, Skeleton } from '../../components/states.tsx';
import { type Fault, faultsOf } from '../../data/faults.ts';
import { PageHead } from '../../shell/page-head.tsx';
import './explorer.css';
import { texts } from './texts.ts';

/** The router serves GraphiQL here to who asks for a page. */
const DOOR = '/graphql';

type Found = { state: 'asked' } | { state: 'there' } | { state: 'off' } | { state: 'failed'; faults: readonly Fault[] };

/** Whether the router serves GraphiQL: it does not where the graph does not tell about itself. */
function useDoor(): { found: Found; again: () => void } {
  const [found, setFound] = useState<Found>({ state: 'asked' });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt asks anew
  useEffect(() => {
    const abort = new AbortController();
    setFound({ state: 'asked' });
    fetch(DOOR, { headers: { accept: 'text/html' }, credentials: 'same-origin', signal: abort.signal }).then(
      ({ ok, status }) => {
        if (ok || status === 404) setFound({ state: ok ? 'there' : 'off' });
        else setFound({ state: 'failed', faults: faultsOf(new Error(`HTTP ${status}`)) });
      },
      (err: unknown) => !abort.signal.aborted && setFound({ state: 'failed', faults: faultsOf(err) }),
    );
    return () => abort.abort();
  }, [attempt]);
  return { found, again: () => setAttempt((before) => before + 1) };
}

/**
 * GraphiQL within the console: its editor writes styles into its page, which the console's policy forbids, so that it has a document, and a
 * policy, of its own. The session is renewed by what stands around it.
 */
export function Page() {
  const { found, again } = useDoor();
  const [address] = useSearchParams();
  const query = address.get('query');
  const src = query === null ? DOOR : `${DOOR}?${new URLSearchParams({ query })}`;
  return (
    <div className="page page-fill explorer">
      <PageHead
        title={texts.title}
        actions={
          found.state === 'there' && (
            <a className="explorer-alone" href={src} target="_blank" rel="noreferrer">
              <ExternalLink size={16} aria-hidden="true" />
              {texts.alone}
            </a>
          )
        }
      />
      {found.state === 'asked' && <Skeleton lines={8} />}
      {found.state === 'off' && <Empty title={texts.off.title}>{texts.off.text}</Empty>}
      {found.state === 'failed' && <Failed faults={found.faults} onAgain={again} />}
      {found.state === 'there' && (
        <>
          <p className="quiet">{texts.words}</p>
          <iframe className="explorer-frame" title={texts.frame} src={src} />
        </>
      )}
    </div>
  );
}
