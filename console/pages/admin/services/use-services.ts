import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Fault, faultsOf } from '../../../data/faults.ts';
import { ServicesDocument } from '../../../generated/admin/graphql.ts';
import type { Service } from './service-rules.ts';

const EVERY_MS = 5_000;

/** The last answer that told of services, when it came in ms since the epoch, and what went wrong since. */
export type Asked = {
  services: readonly Service[] | null;
  at: number;
  faults: readonly Fault[];
  isPaused: boolean;
};

/**
 * How the services are, asked every five seconds, one question at a time; not while the page is out of sight, and at once when it comes back.
 * What came last stays when a question fails.
 */
export function useServices(): Asked & { again: () => void } {
  const client = useApolloClient();
  const [asked, setAsked] = useState<Asked>({ services: null, at: 0, faults: [], isPaused: false });
  const isAsking = useRef(false);

  const ask = useCallback(async (): Promise<void> => {
    if (isAsking.current) return;
    isAsking.current = true;
    try {
      // A page that is loaded for each question wants no trace of it in the cache.
      const { data, error } = await client.query({ query: ServicesDocument, fetchPolicy: 'no-cache' });
      const services = data?.services ?? null;
      setAsked((before) => ({
        ...(services === null ? before : { ...before, services, at: Date.now() }),
        faults: faultsOf(error),
      }));
    } catch (err) {
      setAsked((before) => ({ ...before, faults: faultsOf(err) }));
    } finally {
      isAsking.current = false;
    }
  }, [client]);

  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const turn = (): void => {
      clearInterval(timer);
      const isPaused = document.visibilityState === 'hidden';
      setAsked((before) => ({ ...before, isPaused }));
      if (isPaused) return;
      void ask();
      timer = setInterval(() => void ask(), EVERY_MS);
    };
    turn();
    document.addEventListener('visibilitychange', turn);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', turn);
    };
  }, [ask]);

  return { ...asked, again: () => void ask() };
}
