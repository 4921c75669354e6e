// Texts that break what builds statements, patterns, pages or headers out of text, at every place of the graph that takes one. Places
// come from the schema: a new argument is tried as soon as it is there.
import { encodeKey } from '@wheelhouse/kit/connection.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSupergraph } from './access/fields.ts';
import type { Answer } from './harness.ts';
import { othersFor, type World } from './injection/others.ts';
import { askedWith, type Place, placesOf } from './injection/places.ts';
import { type Started, start } from './injection/started.ts';
import { HOSTILE } from './injection/texts.ts';
import { faultOf, operationAt } from './injection/verdict.ts';

/** 150 places times fifteen texts take ten seconds, and on a machine that has much other work as long as that makes of it. */
const PATIENCE_MS = 600_000;
/** As a list of devices may have at most. */
const MANY = 1_000;
const TEXTS = Object.entries(HOSTILE);
/** Cursors that nobody was given, of keys that no row has. */
const FORGED = [1, 2, 3].map((length): [string, string] => [
  `a forged cursor of ${length} parts`,
  encodeKey(Array(length).fill('\ud800\0')),
]);

const places = placesOf(await readSupergraph());
const textsFor = ({ path }: Place): [string, string][] => (path.at(-1) === 'after' ? [...TEXTS, ...FORGED] : TEXTS);

let started: Started;
let world: World;
let tables: Record<string, number>;

/** Rows by table: what nobody may lose. */
async function countRows(): Promise<Record<string, number>> {
  const { sql } = started.estate;
  const rows = await sql<{ name: string }[]>`
    select table_schema || '.' || table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const counts = rows.map(async ({ name }): Promise<[string, number]> => {
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from ${sql(name)}`;
    return [name, row?.count ?? 0];
  });
  return Object.fromEntries(await Promise.all(counts));
}

beforeAll(async () => {
  started = await start();
  const { near, far } = started.estate;
  const { data } = await started.ask(
    'mutation { register(input: { email: "ann@example.org", password: "correct horse battery" }) { user { id } } }',
  );
  const plan = await started.ask(
    'mutation { planEstateImport(content: "sites: [{ path: museum, timeZone: Asia/Tokyo }]") { plan { id } } }',
  );
  world = {
    ...{ display: near.FIDA, core: near.QSYS, player: far.APPSPACE, pinged: far.ENTERTAINMENT, device: far.FIDA },
    ...{ user: data.register.user.id, plan: plan.data.planEstateImport.plan.id },
  };
  tables = await countRows();
}, PATIENCE_MS);
afterAll(() => started.close());

/** What was wrong with the answer to each text at a place. */
async function faultsAt(place: Place): Promise<string[]> {
  const outcomeOf = async ([what, text]: [string, string]): Promise<string[]> => {
    const asked = askedWith(place, text, othersFor(place, world));
    const fault = faultOf(place, text, await started.ask(operationAt(place, asked, world), asked.variables));
    return fault === null ? [] : [`${place.name}, ${what}: ${fault}`];
  };
  if (!place.field.name.startsWith('update')) return (await Promise.all(textsFor(place).map(outcomeOf))).flat();
  // What one of these is answered with, another one would change.
  const faults: string[] = [];
  for (const text of textsFor(place)) faults.push(...(await outcomeOf(text)));
  return faults;
}

/** As much of a text as a tag may have. */
const tagOf = (text: string): string => text.slice(0, 60).trim();

const isStream = ({ type }: Place): boolean => type === 'Subscription';

it('queries and mutations refuse each with a code and the place, or take it as it is', {
  timeout: PATIENCE_MS,
}, async () => {
  const faults: string[] = [];
  for (const place of places.filter((one) => !isStream(one))) faults.push(...(await faultsAt(place)));
  expect(faults).toEqual([]);
});

it('what was taken is kept as it is, and is found by itself alone', { timeout: PATIENCE_MS }, async () => {
  const site = 'museum/kept';
  const input = { system: 'ENTERTAINMENT', site, ping: { host: '192.0.2.1', method: 'ICMP' } };
  const add = 'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } } }';
  const kept =
    'query ($first: Int, $filter: DeviceFilter) { devices(first: $first, filter: $filter) { nodes { name tags } } }';
  const taken: string[] = [];
  for (const [, text] of TEXTS) {
    const { data } = await started.ask(add, { input: { ...input, name: text, tags: ['kept', tagOf(text)] } });
    if (data.addDevice.device !== null) taken.push(text);
  }
  // All but a NUL, halves of pairs, line ends and what is too long.
  expect(taken).toHaveLength(TEXTS.length - 4);
  const { data } = await started.ask(kept, { first: MANY, filter: { sites: [site] } });
  const nodes: { name: string; tags: string[] }[] = data.devices.nodes;
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(taken.toSorted());
  for (const { name, tags } of nodes) expect(tags).toContain(tagOf(name));
  for (const text of taken) {
    const found = await started.ask(kept, { first: MANY, filter: { sites: [site], search: text.slice(0, 100) } });
    expect(found.data.devices.nodes.map(({ name }: { name: string }) => name)).toEqual([text]);
    const tagged = await started.ask(kept, { first: MANY, filter: { sites: [site], tags: [tagOf(text)] } });
    expect(tagged.data.devices.nodes.map(({ name }: { name: string }) => name)).toEqual([text]);
  }
  // As texts of the document itself, which the router writes anew.
  const written = taken.map(
    (text, index) =>
      `a${index}: devices(filter: { search: ${JSON.stringify(text.slice(0, 100))}, sites: ["${site}"] }) { nodes { name } }`,
  );
  const literal: Answer = await started.ask(`{ ${written.join(' ')} }`);
  expect(literal.errors).toBeUndefined();
  expect(taken.map((_text, index) => literal.data[`a${index}`].nodes[0].name)).toEqual(taken);
});

it('streams refuse each with a code and the place, or tell what matches', { timeout: PATIENCE_MS }, async () => {
  const ids = (
    await started.estate.sql<{ id: string }[]>`select id from devices.devices where site = 'museum/kept'`
  ).map(({ id }) => id);
  const streams = places.filter(isStream).flatMap((place) =>
    textsFor(place).map(([what, text]) => {
      const asked = askedWith(place, text, othersFor(place, world));
      const stream = started.follow(operationAt(place, asked, world), asked.variables);
      const opened = { place, what, text, stream, end: null as Answer['errors'] | null };
      void stream.ended.then((errors) => Object.assign(opened, { end: errors ?? [{ message: 'ended' }] }));
      return opened;
    }),
  );
  // A change of each that matches what is followed, until all have begun.
  const waiting = async (): Promise<string[]> => {
    await started.estate.change([world.device, ...ids]);
    return (
      streams
        .filter(({ stream, end }) => stream.payloads.length === 0 && end === null)
        // No name has such characters, so that there is nothing to tell.
        .filter(({ place, text }) => !(place.path.at(-1) === 'search' && /\p{Cc}/u.test(text)))
        .map(({ place, what }) => `${place.name}, ${what}`)
    );
  };
  await expect.poll(waiting, { timeout: PATIENCE_MS / 2, interval: 500 }).toEqual([]);
  const faults = streams.flatMap(({ place, what, text, stream, end }) => {
    const [first] = stream.payloads;
    const fault = faultOf(place, text, first === undefined ? { errors: [...(end ?? [])] } : (first as Answer));
    return fault === null ? [] : [`${place.name}, ${what}: ${fault}`];
  });
  expect(faults).toEqual([]);
  await Promise.all(streams.map(({ stream }) => stream.close()));
});

it('nothing is lost, and everybody is served as before', async () => {
  const now = await countRows();
  const lost = Object.entries(tables).filter(([name, count]) => (now[name] ?? -1) < count);
  expect(lost).toEqual([]);
  expect(Object.keys(now).toSorted()).toEqual(Object.keys(tables).toSorted());
  const { data, errors } = await started.ask(
    'query ($id: ID!) { me { email roles } device(id: $id) { name site removedAt } }',
    { id: world.display },
  );
  expect(errors).toBeUndefined();
  expect(data).toEqual({
    me: { email: 'admin@wheelhouse.local', roles: ['ADMIN'] },
    device: { name: 'FIDA of museum/hall-1', site: 'museum/hall-1', removedAt: null },
  });
});
