import type { SnmpValue } from '../profiles/decode.ts';
import { oidsOf, readDisplay } from '../profiles/display-state.ts';
import type { Profile } from '../profiles/profile.ts';
import { detectProfile } from '../profiles/registry.ts';
import { isRefusal, SnmpFailure } from './failure.ts';
import type { LackingObjects } from './lacking.ts';
import type { SnmpSession } from './session.ts';
import type { CouldNotLookCode, Look, NoAnswer } from './target.ts';

// RFC 3418
const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';
const SYSTEM = [SYS_OBJECT_ID, SYS_DESCR];

export type Answered = Extract<Look, { kind: 'answered' }>;

export const couldNotLook = (code: CouldNotLookCode, text: string): NoAnswer => ({
  kind: 'couldNotLook',
  cause: { code, text },
});

/** Two requests in the place of one that was refused: the object that the agent blames and the others, or halves. */
function split(oids: string[], blamed: string | null): [string[], string[]] {
  if (blamed !== null && oids.includes(blamed)) return [[blamed], oids.filter((oid) => oid !== blamed)];
  const middle = Math.ceil(oids.length / 2);
  return [oids.slice(0, middle), oids.slice(middle)];
}

/**
 * One GET of all, and if the agent refuses it (too big, or one object it answers with an error, as SNMPv1 agents do) parts of
 * it, down to the objects that are to blame: those are missing. One that is blamed is asked for alone before that is believed,
 * since an agent that blames a wrong one would hide its value.
 */
async function readAll(
  session: SnmpSession,
  oids: string[],
  onLacking: (oid: string) => void = () => undefined,
): Promise<Map<string, SnmpValue>> {
  try {
    return await session.get(oids);
  } catch (err) {
    if (!(err instanceof SnmpFailure) || !isRefusal(err.code)) throw err;
    const [oid] = oids;
    if (oids.length === 1 && oid !== undefined) {
      if (err.code === 'NO_SUCH_NAME') onLacking(oid);
      return new Map([[oid, { kind: 'missing' }]]);
    }
    const [part, rest] = split(oids, err.blamedOid);
    const first = await readAll(session, part, onLacking);
    return new Map([...first, ...(await readAll(session, rest, onLacking))]);
  }
}

/**
 * The values of some objects of a profile, by OID.
 *
 * @throws SnmpFailure NOTHING_READABLE when the display has none of them
 */
export async function readValues(
  session: SnmpSession,
  profile: Profile,
  oids: string[],
): Promise<(oid: string) => SnmpValue> {
  const values = oids.length === 0 ? new Map<string, SnmpValue>() : await readAll(session, oids);
  if ([...values.values()].every(({ kind }) => kind === 'missing')) {
    throw new SnmpFailure('NOTHING_READABLE', `none of the settings of profile ${profile.id} can be read`);
  }
  return (oid) => values.get(oid) ?? { kind: 'missing' };
}

/** @throws SnmpFailure NO_PROFILE, NOTHING_READABLE */
export async function identify(session: SnmpSession): Promise<Profile> {
  const values = await readAll(session, SYSTEM);
  const objectID = values.get(SYS_OBJECT_ID);
  const descr = values.get(SYS_DESCR);
  const sysObjectID = objectID?.kind === 'oid' ? objectID.value : null;
  const sysDescr = descr?.kind === 'octets' ? Buffer.from(descr.value).toString() : null;
  if (sysObjectID === null && sysDescr === null) {
    throw new SnmpFailure(
      'NOTHING_READABLE',
      'it shows neither sysObjectID nor sysDescr: give its profile, check what it lets this user see',
    );
  }
  const profile = detectProfile(sysObjectID, sysDescr);
  if (profile !== null) return profile;
  throw new SnmpFailure(
    'NO_PROFILE',
    `no profile fits sysObjectID ${sysObjectID}, sysDescr ${sysDescr?.slice(0, 80) ?? null}`,
  );
}

/** What is remembered of an agent that voids the whole reply for one object it lacks. */
export type AgentMemory = { lacking: LackingObjects; agent: string };

/** `memory`: null for an agent of which nothing need be remembered. @throws SnmpFailure */
export async function readProfile(
  session: SnmpSession,
  profile: Profile,
  memory: AgentMemory | null,
): Promise<Answered> {
  const all = oidsOf(profile);
  const oids = memory === null ? all : all.filter((oid) => !memory.lacking.has(memory.agent, oid));
  const due = memory?.lacking.due(memory.agent) ?? null;
  const onLacking = (oid: string): void => memory?.lacking.add(memory.agent, oid);
  const startedAt = performance.now();
  const values = await readAll(session, oids, onLacking);
  const roundTripMs = performance.now() - startedAt;
  if ([...values.values()].every(({ kind }) => kind === 'missing')) {
    // An agent that is starting has nothing yet: the next look asks for all again.
    memory?.lacking.forget(memory.agent);
    throw new SnmpFailure('NOTHING_READABLE', `none of the objects of profile ${profile.id} can be read`);
  }
  if (memory !== null && due !== null) {
    for (const [oid, value] of await readAll(session, [due], onLacking)) {
      values.set(oid, value);
      if (value.kind !== 'missing') memory.lacking.remove(memory.agent, oid);
    }
  }
  return { kind: 'answered', state: readDisplay(profile, values), profile: profile.id, roundTripMs };
}

/** What a failed conversation means: silence is a finding only if nothing at all came back, or nothing to a SET. */
export function verdict(session: SnmpSession, failure: SnmpFailure): NoAnswer {
  const { datagrams, answers, unreadable, error, isSetSent } = session.heard;
  const setSent = isSetSent ? '; the SET may have taken effect' : '';
  const blame = (code: CouldNotLookCode, text: string): NoAnswer => couldNotLook(code, `${text}${setSent}`);
  if (isRefusal(failure.code)) return blame('NOTHING_READABLE', failure.message);
  // The GET before the SET has proved the credentials: what is signed otherwise now is no refusal, and anybody's.
  if (isSetSent && failure.code === 'CREDENTIALS_REJECTED') return blame('MALFORMED_ANSWER', failure.message);
  if (failure.code !== 'NO_ANSWER') return blame(failure.code, failure.message);
  if (error && error.code !== 'NO_ANSWER' && !isRefusal(error.code)) return blame(error.code, error.message);
  if (unreadable !== null) return blame('MALFORMED_ANSWER', unreadable);
  if (!isSetSent) {
    if (answers > 0) return blame('INCOMPLETE_ANSWER', 'it answered a part of the look and then fell silent');
    if (session.isDiscovered && !session.isProven) {
      return blame('CREDENTIALS_REJECTED', 'it tells its engine id but does not answer this user: check the keys');
    }
  }
  const strays = datagrams > 0 && !isSetSent ? `; ${datagrams} datagrams came that answer nothing this look asked` : '';
  return { kind: 'silent', detail: `${error?.message ?? failure.message}${strays}${setSent}` };
}
