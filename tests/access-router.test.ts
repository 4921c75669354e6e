import { ROLES, SCOPES, SCOPES_OF, type Scope } from '@wheelhouse/contracts/access.ts';
import { openEventStream } from '@wheelhouse/router/testing/event-stream.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Caller, cellOf, doorsOf, forEach, gist, type Outcome, wantedOf } from './access/cells.ts';
import { furnish, OF_NO_SITE, type Place, QUESTIONS, UNASKED } from './access/elsewhere.ts';
import { type Estate, FAR, NEAR, openEstate } from './access/estate.ts';
import { ROOTS, readSupergraph } from './access/fields.ts';
import { askFor, graphFields } from './access/graph.ts';
import { CHIEF, type House, openHouse } from './access/house.ts';
import { OPEN, RULES } from './access/rules.ts';
import { fingerprint } from './access/untouched.ts';
import { eventually } from './harness.ts';
import { openStream } from './stream.ts';

const supergraph = await readSupergraph();
const fields = graphFields(supergraph);
const declared = [...new Set([...fields.values()].map(({ declaredAs }) => declaredAs))].toSorted();
const LOCAL = 'hall-1@example.org';

let house: House;
let estate: Estate;
let places: { near: Place; far: Place };
let chief: string;
/** A device of each type that there is. */
let deviceOf: Map<string, string>;
beforeAll(async () => {
  house = await openHouse();
  estate = await openEstate(house);
  ({ chief } = house);
  const near = `{ devices(filter: { sites: ["${NEAR}"] }) { nodes { id __typename } } }`;
  const { nodes } = await house.told(chief, near);
  deviceOf = new Map(nodes.map(({ id, __typename }: { id: string; __typename: string }) => [__typename, id]));
  [places] = await Promise.all([
    furnish(house, chief, estate),
    ...ROLES.filter((role) => role !== 'ADMIN').map((role) => house.invite(`${role}@example.org`, role, null)),
    house.invite(LOCAL, 'ADMIN', NEAR),
  ]);
}, 120_000);
afterAll(async () => {
  await estate.close();
  await house.close();
});

it('every field of the composed graph has its row in the table of rules, and every row has its field', () => {
  expect(declared).toEqual([...Object.keys(RULES), ...OPEN].toSorted());
});

describe('who may ask the router for what', () => {
  const member = async (email: string, scopes: readonly Scope[]): Promise<Caller> => ({
    ...{ token: await house.enter(email), kind: 'member', scopes },
  });
  const key = async (scopes: readonly Scope[]): Promise<Caller> => ({
    ...{ token: (await house.makeKey(chief, scopes)).secret, kind: 'key', scopes },
  });
  const CALLERS: Record<string, () => Promise<Caller>> = {
    VIEWER: () => member('viewer@example.org', SCOPES_OF.VIEWER),
    OPERATOR: () => member('operator@example.org', SCOPES_OF.OPERATOR),
    ANALYST: () => member('analyst@example.org', SCOPES_OF.ANALYST),
    ADMIN: () => member(CHIEF, SCOPES_OF.ADMIN),
    'an ADMIN of a site': async () => ({ ...(await member(LOCAL, SCOPES)), isLimited: true }),
    nobody: async () => ({ token: undefined, kind: 'nobody', scopes: [] }),
    'somebody whose token has expired': async () => ({
      ...{ token: await house.outdated(chief), kind: 'expired', scopes: SCOPES },
    }),
    'an API key with all scopes': () => key(SCOPES),
  };

  /** What is asked of nothing that there is, where a field would tell of the caller's own, or say nothing until something happens. */
  const GIVEN: Record<string, Record<string, unknown>> = {
    'Query.apiKeys': { userId: 'x' },
    'Subscription.deviceStatusChanged': { after: 'x' },
  };
  /** Ends the session with which it is asked. */
  const LAST = 'Mutation.logout';

  /** What a caller gets of a field at each door, and what they are to get. */
  async function look(coordinate: string, caller: Caller): Promise<{ found: string[]; wanted: string[] }> {
    const field = fields.get(coordinate);
    if (field === undefined) throw new Error(`there is no ${coordinate}`);
    const isRoot = ROOTS.includes(field.type);
    const given = GIVEN[coordinate];
    const of = deviceOf.get(field.type) ?? estate.near.FIDA;
    const operation = askFor(supergraph, { ...field, of, ...(given !== undefined && { given }) });
    const found: string[] = [];
    for (const door of doorsOf(field.type)) found.push(cellOf(await ask(house, door, caller.token, operation)));
    const onTheWay = isRoot ? 'allowed' : wantedOf('Query.device', caller);
    const wanted = onTheWay === 'allowed' ? wantedOf(field.declaredAs, caller) : onTheWay;
    return { found, wanted: found.map(() => wanted) };
  }

  /** Whether it takes no more than the schema to know that a caller may not. */
  const isRefusedEarly = (coordinate: string, { kind, scopes }: Caller): boolean => {
    const anyOf = RULES[fields.get(coordinate)?.declaredAs ?? '']?.anyOf;
    if (kind === 'expired' || anyOf === undefined) return kind === 'expired';
    return kind === 'nobody' || (anyOf !== 'signedIn' && !anyOf.some((scope) => scopes.includes(scope)));
  };

  async function compare(callerFor: (coordinate: string) => Caller): Promise<void> {
    const cells = new Map<string, { found: string[]; wanted: string[] }>();
    const others = [...fields.keys()].filter((coordinate) => coordinate !== LAST);
    await forEach(others, async (one) => cells.set(one, await look(one, callerFor(one))));
    cells.set(LAST, await look(LAST, callerFor(LAST)));
    const row = (side: 'found' | 'wanted') => Object.fromEntries([...cells].map(([one, cell]) => [one, cell[side]]));
    expect(row('found')).toEqual(row('wanted'));
  }

  it.each(Object.entries(CALLERS))('%s', async (_as, come) => {
    const caller = await come();
    await compare(() => caller);
  });

  it.each(['nobody', 'somebody whose token has expired', 'an API key without a scope'])(
    '%s is refused by the router, and no service is asked',
    async (as) => {
      const caller = await (CALLERS[as]?.() ?? key(['readings:write']));
      const refused = [...fields.keys()].filter((coordinate) => isRefusedEarly(coordinate, caller));
      expect(refused.length).toBeGreaterThan(30);
      const before = await house.subgraphFetches();
      await forEach(refused, (coordinate) => look(coordinate, caller));
      expect(await house.subgraphFetches()).toBe(before);
    },
  );

  it('an API key that has every scope but those which the field takes', async () => {
    const neededBy = (coordinate: string): readonly Scope[] => {
      const anyOf = RULES[fields.get(coordinate)?.declaredAs ?? '']?.anyOf ?? [];
      return anyOf === 'signedIn' ? [] : anyOf;
    };
    const keys = new Map<string, Caller>();
    for (const needed of new Set([...fields.keys()].map((coordinate) => neededBy(coordinate).join())))
      keys.set(needed, await key(SCOPES.filter((scope) => !needed.split(',').includes(scope))));
    await compare((coordinate) => {
      const caller = keys.get(neededBy(coordinate).join());
      if (caller === undefined) throw new Error(`there is no key for ${coordinate}`);
      return caller;
    });
  });
});

describe('who is admin of one site', () => {
  let local: string;
  beforeAll(async () => {
    local = await house.enter(LOCAL);
  });

  it('is asked here about every field there is', () => {
    const everywhere = Object.entries(RULES).flatMap(([coordinate, rule]) => (rule.everywhere ? [coordinate] : []));
    const asked = [...Object.keys(QUESTIONS), ...UNASKED, ...OF_NO_SITE, ...everywhere];
    expect(asked.toSorted()).toEqual(declared);
  });

  /** What comes of each question about a place, by field and door. */
  async function answersOf(token: string, place: Place): Promise<Record<string, Outcome>> {
    const answers: Record<string, Outcome> = {};
    for (const [coordinate, { given, selection }] of Object.entries(QUESTIONS)) {
      const [type = '', name = ''] = coordinate.split('.');
      const operation = askFor(supergraph, { type, name, given: given(place), selection, of: place.ids.FIDA });
      for (const door of doorsOf(type)) answers[`${coordinate} by ${door}`] = await ask(house, door, token, operation);
    }
    return answers;
  }
  const gists = (answers: Record<string, Outcome>) =>
    Object.fromEntries(Object.entries(answers).map(([cell, outcome]) => [cell, gist(outcome)]));
  const elsewhere = () =>
    Object.fromEntries(
      Object.entries(QUESTIONS).flatMap(([coordinate, question]) =>
        doorsOf(coordinate.split('.')[0] ?? '').map((door) => [`${coordinate} by ${door}`, question.elsewhere]),
      ),
    );

  it('is told nothing of another, and changes nothing there; of their own they are told', async () => {
    const before = await fingerprint(estate);
    const answers = await answersOf(local, places.far);
    expect(gists(answers)).toEqual(elsewhere());
    expect(Object.values(answers).filter(({ text }) => text.includes(`of ${FAR}`))).toEqual([]);
    expect(await fingerprint(estate)).toEqual(before);

    // The same questions have answers where they may ask them, and the fingerprint tells of changes.
    const own = gists(await answersOf(local, places.near));
    const unanswered = Object.entries(elsewhere()).filter(([cell, refusal]) => own[cell] === refusal);
    expect(unanswered).toEqual([]);
    expect(await fingerprint(estate)).not.toEqual(before);
  });

  it('is told of no more than their own where all is told', async () => {
    const query =
      '{ estateSummary { total } devices { totalCount } users { nodes { id } } invitations { nodes { id } } sites { nodes { path } } }';
    const [mine, all] = [await house.query(query, {}, local), await house.query(query, {}, chief)].map(
      ({ data }) => data,
    );
    expect([mine.estateSummary, mine.sites.nodes]).toEqual([{ total: mine.devices.totalCount }, [{ path: NEAR }]]);
    expect(mine.devices.totalCount).toBeLessThan(all.devices.totalCount);
    expect(all.estateSummary).toEqual({ total: all.devices.totalCount });
    for (const [list, one] of [
      ['users', 'user'],
      ['invitations', 'invitation'],
    ] as const) {
      const has = (told: Record<string, { nodes: { id: string }[] }>, place: Place): boolean =>
        told[list]?.nodes.some(({ id }) => id === place[one]) === true;
      expect([has(mine, places.far), has(all, places.far)], list).toEqual([false, true]);
      // Of their own they have taken the invitation back, above.
      expect([has(mine, places.near), has(all, places.near)], list).toEqual(Array(2).fill(list === 'users'));
    }
  });

  it('hears of no more than their own, beside somebody on the same router who hears all', async () => {
    const query = 'subscription ($after: String) { deviceStatusChanged(after: $after) { device { id } } }';
    const operation = { query, variables: { after: await house.told(chief, '{ statusCursor }') } };
    const idsOf = (payloads: readonly { data?: unknown }[]): string[] =>
      (payloads as { data: { deviceStatusChanged: { device: { id: string } } } }[]).map(
        ({ data }) => data.deviceStatusChanged.device.id,
      );
    const open = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const socket = openStream(house.url, operation, async () => headers);
      const events = await openEventStream(house.url, { operation, headers });
      return {
        heard: () => [idsOf(socket.payloads), idsOf(events.events)],
        close: async () => {
          events.leave();
          await socket.close();
        },
      };
    };
    const [mine, all] = await Promise.all([open(local), open(chief)]);
    const { near, far } = estate;
    await estate.change([far.FIDA, near.QSYS, far.QSYS, near.FIDA]);
    await eventually('all doors have told of the last change', () =>
      [...mine.heard(), ...all.heard()].every((ids) => ids.at(-1) === near.FIDA),
    );
    const everything = [far.FIDA, near.QSYS, far.QSYS, near.FIDA];
    expect(all.heard()).toEqual([everything, everything]);
    const own = [near.QSYS, near.FIDA];
    expect(mine.heard()).toEqual([own, own]);
    await Promise.all([mine.close(), all.close()]);
  });
});
