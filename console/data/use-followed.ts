import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { FollowState } from '@wheelhouse/client/follow-options.ts';
import { print } from 'graphql';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useLiveConnection } from './use-live.ts';

/**
 * Follows a subscription of a page's own through every break, over the websocket that all share, until the page is left. Null variables
 * follow nothing. What comes is given to `onEvent`; what has an id and the same fields as a query can be written into the cache there.
 *
 * @param cursorOf where an event has its cursor; left out for subscriptions to the state of one thing, which send it first
 */
export function useFollowed<Data, Variables extends Record<string, unknown>>(options: {
  document: TypedDocumentNode<Data, Variables>;
  variables: Variables | null;
  onEvent: (data: Data) => void;
  cursorOf?: (data: Data) => string | null;
}): FollowState | null {
  const { client } = useLiveConnection();
  const over = useSyncExternalStore(client.subscribe, client.get);
  const [state, setState] = useState<FollowState | null>(null);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { document } = options;
  const key = options.variables === null ? null : JSON.stringify(options.variables);

  useEffect(() => {
    if (key === null) return;
    const stream = over.follow<Data, Record<string, unknown>>({
      query: print(document),
      variables: JSON.parse(key),
      cursorOf: (data) => latest.current.cursorOf?.(data) ?? null,
      onState: setState,
    });
    void (async () => {
      for await (const { data } of stream) latest.current.onEvent(data);
    })().catch(() => {
      // The state says that it ended, and why.
    });
    return () => void stream.return?.();
  }, [over, document, key]);
  return key === null ? null : state;
}
