import { describe, expect, it } from 'vitest';
import { createSession, type Neighbours } from './session.ts';
import type { DoorAnswer, SessionDoor } from './session-door.ts';

const HOUR_MS = 3_600_000;
const good: DoorAnswer = { kind: 'good', remainingMs: HOUR_MS };
const refused = (status: number, code: string): DoorAnswer => ({
  ...{ kind: 'refused', status, code, message: '', retryAfter: null },
});

/** A router that answers as told, and remembers what it was asked. */
function aDoor(answers: Partial<Record<keyof SessionDoor, DoorAnswer[]>>): SessionDoor & { asked: string[] } {
  const asked: string[] = [];
  const next = (name: keyof SessionDoor) => async (): Promise<DoorAnswer> => {
    asked.push(name);
    return answers[name]?.shift() ?? { kind: 'unreachable', reason: 'nobody said what to answer' };
  };
  return { asked, signIn: next('signIn'), renew: next('renew'), read: next('read'), signOut: next('signOut') };
}

/** A browser of one window, or of those that share `lock`. */
function aBrowser(): () => Neighbours {
  const listeners = new Set<(news: unknown) => void>();
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    let mine = (_news: unknown): void => {};
    return {
      alone: (work) => {
        const run = last.then(work);
        last = run.catch(() => {});
        return run;
      },
      tell: (news) => {
        for (const listener of listeners) if (listener !== mine) listener(news);
      },
      onNews: (listener) => {
        mine = listener;
        listeners.add(listener);
      },
    };
  };
}

describe('a session', () => {
  it('that holds is found at the start', async () => {
    const door = aDoor({ read: [good] });
    const session = createSession(door, aBrowser()());
    await session.start();
    expect(session.state.get()).toMatchObject({ phase: 'signedIn' });
    expect(door.asked).toEqual(['read']);
  });

  it('whose access token has ended is renewed at the start', async () => {
    const session = createSession(aDoor({ read: [refused(401, 'TOKEN_EXPIRED')], renew: [good] }), aBrowser()());
    await session.start();
    expect(session.state.get()).toMatchObject({ phase: 'signedIn' });
  });

  it('that nobody has is not called ended', async () => {
    const none = refused(401, 'UNAUTHENTICATED');
    const session = createSession(aDoor({ read: [none], renew: [none] }), aBrowser()());
    await session.start();
    expect(session.state.get()).toEqual({ phase: 'signedOut', ended: false });
  });

  it('is not over because the router is away', async () => {
    const session = createSession(aDoor({ read: [refused(503, 'ACCOUNTS_UNAVAILABLE')] }), aBrowser()());
    await session.start();
    expect(session.state.get()).toMatchObject({ phase: 'unreachable' });
  });

  it('that can not be renewed for now goes on, and one that was ended is over', async () => {
    const door = aDoor({ read: [good], renew: [refused(503, 'BUSY'), refused(401, 'SESSION_ENDED')] });
    const session = createSession(door, aBrowser()());
    await session.start();
    expect(await session.renewSince(null)).toBe(false);
    expect(session.state.get()).toMatchObject({ phase: 'signedIn' });
    expect(await session.renewSince(null)).toBe(false);
    expect(session.state.get()).toEqual({ phase: 'signedOut', ended: true });
  });

  it('is renewed once for all who noticed in the same moment, and not again for who noticed late', async () => {
    const door = aDoor({ read: [good], renew: [good] });
    const session = createSession(door, aBrowser()());
    await session.start();
    const before = session.state.get();
    const since = before.phase === 'signedIn' ? before.generation : null;
    expect(await Promise.all([session.renewSince(since), session.renewSince(since)])).toEqual([true, true]);
    expect(await session.renewSince(since)).toBe(true);
    expect(door.asked).toEqual(['read', 'renew']);
  });

  it('that is ended in one window is ended in the other', async () => {
    const window = aBrowser();
    const here = createSession(aDoor({ read: [good], signOut: [good] }), window());
    const there = createSession(aDoor({ read: [good] }), window());
    await Promise.all([here.start(), there.start()]);
    await here.signOut();
    expect(there.state.get()).toEqual({ phase: 'signedOut', ended: true });
    expect(here.state.get()).toEqual({ phase: 'signedOut', ended: false });
  });

  it('of another user, who signed in elsewhere, is another sign-in, and one that was renewed elsewhere is not', async () => {
    const window = aBrowser();
    const here = createSession(aDoor({ signIn: [good], read: [good], renew: [good] }), window());
    const there = createSession(aDoor({ read: [good, good, good] }), window());
    await Promise.all([here.start(), there.start()]);
    const first = there.state.get();
    await here.renewSince(null);
    await expect.poll(() => there.state.get()).toMatchObject({ signIn: 0, generation: 2 });
    await here.signIn('a@b.c', 'a password');
    await expect.poll(() => there.state.get()).toMatchObject({ signIn: 1 });
    expect(first).toMatchObject({ signIn: 0, generation: 1 });
  });

  it('is taken from who brought the refresh token first', async () => {
    const door = aDoor({ read: [good, good], renew: [refused(409, 'REFRESH_RACED')] });
    const session = createSession(door, aBrowser()());
    await session.start();
    expect(await session.renewSince(null)).toBe(true);
    expect(door.asked).toEqual(['read', 'renew', 'read']);
  });
});
