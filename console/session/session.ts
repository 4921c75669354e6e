import { createStore, type Store } from '../store.ts';
import { renewalDelayMs, type SignInRefusal, signInRefusal } from './rules.ts';
import type { DoorAnswer, SessionDoor } from './session-door.ts';

export type SessionState =
  | { phase: 'starting' }
  /** `ended`: there was a session, and it is over, by itself or by another window. */
  | { phase: 'signedOut'; ended: boolean }
  /**
   * `generation` counts the renewals: what was opened with an older token ends with that. `signIn` counts those who signed in: what one
   * of them was shown is not for the next.
   */
  | { phase: 'signedIn'; signIn: number; generation: number }
  /** Nobody could say whether the session holds; it is asked again. */
  | { phase: 'unreachable'; since: Date };

/** What other windows of this browser are told, and tell us. */
export type Neighbours = {
  /** Runs `work` when no other window runs its own. */
  alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
  tell: (news: 'signedIn' | 'signedOut' | 'renewed') => void;
  onNews: (listener: (news: unknown) => void) => void;
};

export type Session = {
  state: Store<SessionState>;
  /** Finds out whether somebody is signed in. */
  start: () => Promise<void>;
  /** Null when it went well. */
  signIn: (email: string, password: string) => Promise<SignInRefusal | null>;
  /** @throws Error when the router could not be told; the session goes on then */
  signOut: () => Promise<void>;
  /** Renews the session unless that was done since `generation`; tells whether it holds. */
  renewSince: (generation: number | null) => Promise<boolean>;
};

const ASK_AGAIN_MS = 3_000;
const RACED_MS = 1_000;
const RACED_TRIES = 5;
const isRaced = (answer: DoorAnswer): boolean => answer.kind === 'refused' && answer.code === 'REFRESH_RACED';

/**
 * The session of this browser. The tokens are in cookies that no script reads; known here is only how long they hold. It is renewed before
 * it ends, by one window at a time: a refresh token that comes twice would look stolen.
 */
export function createSession(door: SessionDoor, neighbours: Neighbours): Session {
  const state = createStore<SessionState>({ phase: 'starting' });
  let generation = 0;
  let signIns = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewing: Promise<boolean> | null = null;

  const later = (delayMs: number, work: () => unknown): void => {
    clearTimeout(timer);
    timer = setTimeout(work, delayMs);
  };
  const hold = (remaining: number): void => {
    generation += 1;
    later(renewalDelayMs(remaining, Math.random()), () => renewSince(generation));
    state.set({ phase: 'signedIn', signIn: signIns, generation });
  };
  const end = (ended = state.get().phase !== 'starting'): void => {
    clearTimeout(timer);
    state.set({ phase: 'signedOut', ended });
  };
  const lose = (again: () => unknown): void => {
    const current = state.get();
    // Who is signed in stays so until the router says otherwise: what is on the page says itself that it is not live.
    if (current.phase === 'starting') state.set({ phase: 'unreachable', since: new Date() });
    later(ASK_AGAIN_MS, again);
  };
  const isOver = (answer: DoorAnswer): boolean => answer.kind === 'refused' && answer.status === 401;

  /** Another window may have renewed it while we waited for our turn: then ours is what the cookie says by now. */
  async function renewAlone(): Promise<boolean> {
    const before = generation;
    return neighbours.alone(async () => {
      if (generation !== before) return true;
      let answer = await door.renew();
      // Somebody else brought the same token first: in a moment the cookie is the one that they were given.
      for (let tries = 0; isRaced(answer) && tries < RACED_TRIES; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, RACED_MS));
        answer = await door.read();
        if (isOver(answer)) answer = await door.renew();
      }
      if (answer.kind === 'good') {
        hold(answer.remainingMs);
        neighbours.tell('renewed');
        return true;
      }
      if (isOver(answer)) end();
      else lose(() => renewSince(generation));
      return false;
    });
  }
  function renewSince(since: number | null): Promise<boolean> {
    if (since !== null && since !== generation) return Promise.resolve(state.get().phase === 'signedIn');
    renewing ??= renewAlone().finally(() => {
      renewing = null;
    });
    return renewing;
  }
  async function start(): Promise<void> {
    const answer = await door.read();
    if (answer.kind === 'good') hold(answer.remainingMs);
    else if (isOver(answer)) await renewSince(generation);
    else lose(start);
  }

  neighbours.onNews((news) => {
    if (news === 'signedOut') end();
    // The cookie is theirs and ours: how long it holds is asked for.
    else if (news === 'signedIn' || news === 'renewed')
      void door.read().then((answer) => {
        if (answer.kind !== 'good') return;
        if (news === 'signedIn') signIns += 1;
        hold(answer.remainingMs);
      });
  });

  return {
    state,
    start,
    renewSince,
    signIn: async (email, password) => {
      const answer = await door.signIn(email, password);
      if (answer.kind === 'unreachable') return { kind: 'away' };
      if (answer.kind === 'refused') return signInRefusal(answer.status, answer, answer.retryAfter);
      signIns += 1;
      hold(answer.remainingMs);
      neighbours.tell('signedIn');
      return null;
    },
    signOut: async () => {
      const answer = await door.signOut();
      if (answer.kind === 'unreachable') throw new Error(answer.reason);
      // Whoever signs out here need not be told that it is over.
      end(false);
      neighbours.tell('signedOut');
    },
  };
}
