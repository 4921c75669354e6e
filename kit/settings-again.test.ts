import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSealer } from './sealed.ts';
import { faultsOfPlan, faultsOfUndo, findPlan, findUndoable } from './settings-again.ts';
import { answerTo, findRepeated } from './settings-answers.ts';
import { checkManner, faultAt } from './settings-manner.ts';
import { openPlan, PLAN_VALID_MS, planKey, sealPlan } from './settings-plan.ts';
import type { ChangeRequest } from './settings-requests.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

let database: SettingsDatabase;
beforeAll(async () => {
  database = await openSettingsDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.clear());

const sealer = createSealer('5a'.repeat(32));
const madeAt = new Date('2026-11-22T12:00:00.000Z');
const plan = {
  ...{ subject: 'a', sent: { level: 40 }, kept: {}, before: { level: 70 }, expected: {} },
  ...{ settingsVersion: 0, reason: null, undoes: null },
};
const ended = (id: string, state: string, more: { isSent?: boolean } = {}) =>
  database.sql`update fida.settings_changes set state = ${state}, finished_at = now(),
    sent_at = ${more.isSent === false ? null : madeAt.toISOString()}::timestamptz where id = ${id}`;
const { manner } = checkManner({});

describe('a plan', () => {
  const found = (id: string, at = madeAt) =>
    findPlan({ db: database.db, tables, sealer }, id, { actor: 'someone', at });

  it('is found while it is valid, and then says until when it was', async () => {
    const { id } = sealPlan(sealer, plan, madeAt);
    expect(await found(id, new Date(madeAt.getTime() + PLAN_VALID_MS - 1))).toMatchObject({ kind: 'plan', plan });
    expect(await found(id, new Date(madeAt.getTime() + PLAN_VALID_MS))).toMatchObject({
      ...{ kind: 'refused', subject: 'a' },
      fault: { code: 'INVALID', message: expect.stringContaining('2026-11-22T12:15:00.000Z') },
    });
  });

  it('is none where the text is another one', async () => {
    expect(await found('hello')).toMatchObject({ kind: 'refused', subject: null, fault: { code: 'INVALID' } });
  });

  it('that was applied is answered with its change, also when it is over', async () => {
    const { id } = sealPlan(sealer, plan, madeAt);
    const opened = openPlan(sealer, id);
    if (opened === null) throw new Error('the plan does not open');
    const { change } = await database.accepted({ subject: 'a', sent: { level: 40 }, idempotencyKey: planKey(opened) });
    const late = new Date(madeAt.getTime() + 2 * PLAN_VALID_MS);
    expect(await found(id, late)).toMatchObject({ kind: 'before', change: { id: change.id } });
  });

  it('is at fault as a whole', () => {
    expect(faultsOfPlan([faultAt('input.level', 'OUT_OF_RANGE', 'no')])).toMatchObject([{ path: ['input', 'plan'] }]);
  });
});

describe('a change that is to be taken back', () => {
  const found = (id: string, options: { manner?: typeof manner; isKept?: (name: string) => boolean } = {}) =>
    findUndoable({ db: database.db, tables }, id, { actor: 'someone', manner, ...options });
  const made = async (sent: Record<string, unknown>, state = 'APPLIED', more: { isSent?: boolean } = {}) => {
    const { change } = await database.accepted({ subject: 'a', sent });
    await ended(change.id, state, more);
    return change;
  };

  it('is found with what it has set, and with the version that there is', async () => {
    const change = await made({ level: 40, mode: 'B' });
    await made({ volume: 1 });
    expect(await found(change.id)).toMatchObject({
      kind: 'undoable',
      names: expect.arrayContaining(['level', 'mode']),
      version: 2,
    });
  });

  it.each<[string, Parameters<typeof made>]>([
    ['REJECTED', [{ level: 1 }, 'REJECTED']],
    ['SUPERSEDED', [{ level: 1 }, 'SUPERSEDED']],
    ['UNREACHABLE and never sent', [{ level: 1 }, 'UNREACHABLE', { isSent: false }]],
  ])('changed nothing where it is %s', async (_what, args) => {
    const { id } = await made(...args);
    expect(await found(id)).toMatchObject({ kind: 'refused', subject: 'a', fault: { code: 'INVALID' } });
    const kept = await found(id, { isKept: (name) => name === 'level' });
    expect(kept.kind).toBe(args[1] === 'SUPERSEDED' ? 'refused' : 'undoable');
  });

  it('may have changed something where it was sent and not answered', async () => {
    const { id } = await made({ level: 1 }, 'UNREACHABLE');
    expect(await found(id)).toMatchObject({ kind: 'undoable', names: ['level'] });
  });

  it('is there, is over, and was not followed by one of the same settings', async () => {
    expect(await found('nothing')).toMatchObject({ kind: 'refused', subject: null, fault: { code: 'NOT_FOUND' } });
    const { change } = await database.accepted({ subject: 'a', sent: { level: 1 } });
    expect(await found(change.id)).toMatchObject({ kind: 'refused', fault: { code: 'CONFLICT' } });
    await ended(change.id, 'APPLIED');
    const later = await made({ level: 2, volume: 3 });
    expect(await found(change.id)).toMatchObject({
      fault: { code: 'CONFLICT', message: `the change ${later.id} has set level since` },
    });
  });

  it('is answered with the change that took it back under the same key, but not for a dry run', async () => {
    const { id } = await made({ level: 1 });
    const undo = { subject: 'a', sent: { level: 0 }, undoes: id, idempotencyKey: 'back' };
    const { change } = await database.accepted(undo);
    const again = checkManner({ idempotencyKey: 'back' }).manner;
    expect(await found(id, { manner: again })).toMatchObject({ kind: 'before', change: { id: change.id } });
    expect(await found(id, { manner: { ...again, isDryRun: true } })).toMatchObject({ kind: 'refused' });
  });

  it('is at fault by its id, save where the caller gave more', () => {
    const faults = ['input.level', 'input.idempotencyKey', 'input.expectedSettingsVersion'].map((path) =>
      faultAt(path, 'CONFLICT', 'no'),
    );
    const paths = (expectedVersion: number | null) =>
      faultsOfUndo(faults, { ...manner, expectedVersion }).map(({ path }) => path[1]);
    expect(paths(null)).toEqual(['id', 'idempotencyKey', 'id']);
    expect(paths(3)).toEqual(['id', 'idempotencyKey', 'expectedSettingsVersion']);
  });
});

describe('a request that was sent before', () => {
  it('is found by its key and by what it asked for, whatever would be sent by now', async () => {
    const request: ChangeRequest = { subject: 'a', sent: { level: 1 }, asked: { levels: '*' }, idempotencyKey: 'k' };
    const { change } = await database.accepted(request);
    const repeated = (more: Partial<ChangeRequest>, actor = 'someone') =>
      findRepeated(database.db, tables, actor, [{ ...request, ...more }]);
    expect((await repeated({ sent: { level: 1 } })).get('a')?.id).toBe(change.id);
    expect((await repeated({ sent: {} })).get('a')?.id).toBe(change.id);
    expect((await repeated({ asked: { levels: '1' } })).size).toBe(0);
    expect((await repeated({ idempotencyKey: 'other' })).size).toBe(0);
    expect((await repeated({}, 'someone else')).size).toBe(0);
  });

  it('is answered with its change, and another one under its key with a CONFLICT', async () => {
    const request = { subject: 'a', sent: { level: 1 }, idempotencyKey: 'k' };
    const { change } = await database.accepted(request);
    const [same, other] = [
      await database.request([request]),
      await database.request([{ ...request, sent: { level: 2 } }]),
    ].map(([outcome]) => outcome && answerTo(outcome, null));
    expect(same).toMatchObject({ change: { id: change.id } });
    expect(other).toMatchObject({ fault: { path: ['input', 'idempotencyKey'], code: 'CONFLICT' } });
    const [stale] = await database.request([{ subject: 'a', sent: {}, expectedVersion: 7 }]);
    expect(stale && answerTo(stale, 7)).toMatchObject({
      fault: { path: ['input', 'expectedSettingsVersion'], message: expect.stringMatching(/is 1 by now, and not 7/) },
    });
  });
});
