import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importEstate } from './estate.ts';
import { RefusedError, removeDevice, setSite, updateDevice } from './registry.ts';
import { auditOutbox } from './tables.ts';
import { aDevice, at, by, COMMUNITY, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';

const ann = { ...by, actor: 'ann@example.org', sub: 'user:1', origin: '192.0.2.1' };
let registry: TestRegistry;
let id: string;
beforeAll(async () => {
  registry = await openTestRegistry();
  id = await registry.add({ tags: ['a'] });
});
afterAll(() => registry.close());

const outbox = () => registry.db.select().from(auditOutbox).orderBy(asc(auditOutbox.position));
const last = async () => (await outbox()).at(-1);

it('tells what was added, by whom, without its secrets', async () => {
  expect(await last()).toMatchObject({
    ...{ at, actor: 'tester', sub: null, action: 'devices.addDevice', target: id, site: 'museum/hall-2', before: null },
    after: { name: 'left of the door', tags: ['a'], connection: { host: '10.1.2.3', version: 'V2C' } },
  });
});

it('tells what a change made of what, who made it and from where', async () => {
  await updateDevice(registry.db, { id, site: 'museum/hall-3' }, ann, sealer);
  expect(await last()).toMatchObject({
    ...{ actor: 'ann@example.org', sub: 'user:1', origin: '192.0.2.1', action: 'devices.updateDevice', target: id },
    ...{ site: 'museum/hall-3', before: { site: 'museum/hall-2' }, after: { site: 'museum/hall-3' } },
  });
  expect((await last())?.after).not.toHaveProperty('secretsChanged');
});

it('tells of a secret only that it is another one', async () => {
  await updateDevice(registry.db, { id, snmp: { community: 'another one' } }, ann, sealer);
  expect(await last()).toMatchObject({ after: { secretsChanged: true } });
  expect(JSON.stringify(await outbox())).not.toMatch(new RegExp(`${COMMUNITY}|another one`));
});

it('tells nothing of what changes nothing or was refused', async () => {
  const before = (await outbox()).length;
  await updateDevice(registry.db, { id, name: 'left of the door' }, ann, sealer);
  await expect(updateDevice(registry.db, { id, name: '' }, ann, sealer)).rejects.toThrow(RefusedError);
  expect(await outbox()).toHaveLength(before);
});

it('tells of a removal, of a site, and of an estate file as a whole', async () => {
  await setSite(registry.db, { path: 'museum', timeZone: 'Africa/Cairo' }, { by: ann, timeZone: 'UTC' });
  expect(await last()).toMatchObject({
    action: 'devices.setSiteSettings',
    target: 'museum',
    site: 'museum',
    after: { timeZone: 'Africa/Cairo' },
  });
  await removeDevice(registry.db, id, ann);
  expect(await last()).toMatchObject({
    action: 'devices.removeDevice',
    target: id,
    site: 'museum/hall-3',
    before: { name: 'left of the door' },
  });
  const file = { devices: [aDevice({ name: 'one' }), aDevice({ name: 'two' })] };
  const bring = () => importEstate(registry.db, file, { at, actor: 'estate file' }, { sealer, timeZone: 'UTC' });
  await bring();
  const told = await last();
  expect(told).toMatchObject({
    actor: 'estate file',
    action: 'devices.importEstate',
    after: { added: 2, updated: 0, unchanged: 0 },
  });
  await bring();
  expect(await last()).toEqual(told);
});
