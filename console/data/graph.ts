import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { ErrorLink } from '@apollo/client/link/error';
import { from, switchMap, throwError } from 'rxjs';
import possibleTypes from '../generated/possible-types.ts';
import { isRenewable } from '../session/rules.ts';
import type { Session } from '../session/session.ts';

const RETRIED = 'retried';

/** Renews the session and asks once more, where that is what an answer lacked. */
const renewing = (session: Session): ApolloLink =>
  new ErrorLink(({ error, operation, forward }) => {
    const errors = CombinedGraphQLErrors.is(error) ? error.errors : [];
    if (!errors.some(({ extensions }) => isRenewable(extensions?.code)) || operation.getContext()[RETRIED] === true)
      return;
    operation.setContext({ [RETRIED]: true });
    const current = session.state.get();
    const generation = current.phase === 'signedIn' ? current.generation : null;
    return from(session.renewSince(generation)).pipe(
      switchMap((holds) => (holds ? forward(operation) : throwError(() => error))),
    );
  });

/** The graph, asked over HTTP as whoever the cookie says, with one entry in the cache for each thing that has an id. */
export function createGraph(session: Session): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([renewing(session), new HttpLink({ uri: '/graphql', credentials: 'same-origin' })]),
    cache: new InMemoryCache({ ...possibleTypes }),
    defaultOptions: {
      // A service that is away costs its own fields: what there is, is shown, and what failed is said (data/use-asked.ts).
      watchQuery: { errorPolicy: 'all', fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' },
      query: { errorPolicy: 'all', fetchPolicy: 'network-only' },
      mutate: { errorPolicy: 'none' },
    },
  });
}
