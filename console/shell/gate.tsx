import { ApolloProvider, useQuery } from '@apollo/client/react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Outlet } from 'react-router';
import '../components/door.css';
import { Failed } from '../components/states.tsx';
import { faultsOf } from '../data/faults.ts';
import { createGraph } from '../data/graph.ts';
import { createLive } from '../data/live.ts';
import { clockTime, viewerZone } from '../data/time.ts';
import { LiveContext } from '../data/use-live.ts';
import { ViewerContext } from '../data/viewer.ts';
import { StartDocument } from '../generated/data/graphql.ts';
import { useSession, useSessionState } from '../session/use-session.ts';
import { PageLoading } from './page-states.tsx';
import { texts } from './texts.ts';

/** It has no address of its own: whoever signs in is where they wanted to go. */
const SignIn = lazy(async () => ({ default: (await import('../pages/sign-in/page.tsx')).Page }));

/** What is behind the sign-in; the sign-in where nobody is. */
export function SignedIn() {
  const state = useSessionState();
  if (state.phase === 'starting') return <PageLoading />;
  if (state.phase === 'unreachable')
    return (
      <main className="door">
        <h1>{texts.product}</h1>
        <p className="not-live" role="alert">
          {texts.unreachable(clockTime(state.since, viewerZone()))}
        </p>
      </main>
    );
  if (state.phase === 'signedOut')
    return (
      <Suspense fallback={<PageLoading />}>
        <SignIn />
      </Suspense>
    );
  return <Connected key={state.signIn} />;
}

/** The graph as this viewer sees it, from their sign-in to their sign-out. */
function Connected() {
  const session = useSession();
  const [graph] = useState(() => createGraph(session));
  return (
    <ApolloProvider client={graph}>
      <Started graph={graph} />
    </ApolloProvider>
  );
}

/** Who looks, and from where the log of changes is followed, is known before any page asks for anything. */
function Started({ graph }: { graph: ReturnType<typeof createGraph> }) {
  const session = useSession();
  const [live] = useState(() => createLive(graph, session));
  const { data, error, refetch } = useQuery(StartDocument, {
    fetchPolicy: 'network-only',
    nextFetchPolicy: 'cache-first',
  });
  const viewer = data?.me ?? null;
  const cursor = data?.statusCursor ?? null;
  const isKnown = viewer !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins once, after the cursor that was read first
  useEffect(() => {
    if (!isKnown) return;
    live.start(cursor);
    return () => live.stop();
  }, [isKnown, live]);
  if (viewer === null)
    return error ? (
      <main className="door">
        <h1>{texts.product}</h1>
        <Failed faults={faultsOf(error)} onAgain={() => void refetch()} />
      </main>
    ) : (
      <PageLoading />
    );
  return (
    <ViewerContext value={viewer}>
      <LiveContext value={live}>
        <Outlet />
      </LiveContext>
    </ViewerContext>
  );
}
