import { openDatabase } from '@wheelhouse/kit/database.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

let estate: SettableDisplays;
beforeAll(async () => {
  const names = ['dry', 'apply', 'moved', 'version', 'stolen', 'undo', 'later', 'so', 'race', 'last', 'key', 'planned'];
  // No sweep comes in between: what a display said last stays what it said.
  estate = await startSettableDisplays(
    names.map((name) => ({ name })),
    { WHEELHOUSE_SWEEP_SECONDS: '3600' },
  );
});
afterAll(() => estate.close());

const codes = (answer: { userErrors: { field: string; code: string }[] }): string[] =>
  answer.userErrors.map(({ field, code }) => `${field} ${code}`);

describe('a dry run', () => {
  /** All rows of all tables of the service, but for those in which its processes tell that they are there. */
  const everything = async (): Promise<string> => {
    const { sql, close } = openDatabase(estate.wheelhouse.databaseUrl, { maxConnections: 1 });
    const tables = await sql<{ name: string }[]>`
      select quote_ident(table_name) as name from information_schema.tables
      where table_schema = 'fida' and table_type = 'BASE TABLE' and table_name <> 'processes' order by 1`;
    expect(tables.length).toBeGreaterThan(5);
    const rows: unknown[] = [];
    for (const { name } of tables)
      rows.push([name, await sql.unsafe(`select to_jsonb(t) as row from fida.${name} t order by 1`)]);
    await close();
    return JSON.stringify(rows);
  };

  it('says what would happen, and leaves no trace', async () => {
    const before = await everything();
    const { settingsChange, plan, display, userErrors } = await estate.set('dry', {
      ...{ power: 'OFF', brightnessPercent: 40, inputSource: 'HDMI1', reason: 'night', dryRun: true },
    });
    expect(userErrors).toEqual([]);
    expect(settingsChange).toMatchObject({
      ...{ id: plan.id, state: 'PLANNED', settingsVersion: null, finishedAt: null, reason: 'night' },
      wanted: { power: 'OFF', brightnessPercent: 40, inputSource: 'HDMI1' },
    });
    expect(plan.changes).toEqual([
      { setting: 'power', before: 'ON', after: 'OFF' },
      { setting: 'brightnessPercent', before: 70, after: 40 },
      { setting: 'inputSource', before: 'HDMI1', after: 'HDMI1' },
    ]);
    expect(plan.effects).toEqual(['the display goes dark']);
    expect(new Date(plan.expiresAt).getTime()).toBeGreaterThan(Date.now() + 14 * 60_000);
    expect(display).toMatchObject({ settingsVersion: 0, brightnessPercent: 70 });
    await estate.setMany({ ids: [estate.idOf('dry')], power: 'OFF', dryRun: true });
    expect(await everything()).toBe(before);
    expect(estate.displayOf('dry').setsReceived).toBe(0);
  });

  it('says what would be refused, and why', async () => {
    const answer = await estate.set('dry', { brightnessPercent: 140, dryRun: true });
    expect(codes(answer)).toEqual(['input.brightnessPercent OUT_OF_RANGE']);
    expect(answer).toMatchObject({ settingsChange: null, plan: null });
    expect(codes(await estate.set('dry', { power: 'OFF', expectedSettingsVersion: 3, dryRun: true }))).toEqual([
      'input.expectedSettingsVersion CONFLICT',
    ]);
  });

  it('says what it supersedes, what it waits for, and that nothing changes', async () => {
    const { plan } = await estate.set('so', { brightnessPercent: 70, dryRun: true });
    expect(plan.effects).toEqual(['nothing changes: it is so already']);
    await estate.wheelhouse.stopWorker();
    const pending = await estate.set('so', { brightnessPercent: 30, waitMs: 0 });
    const other = await estate.set('so', { inputSource: 'DVI', waitMs: 0 });
    const planned = await estate.set('so', { brightnessPercent: 20, dryRun: true });
    expect(planned.plan.effects).toEqual([
      `it supersedes the change ${pending.settingsChange.id}, which is not begun`,
      `it waits for the change ${other.settingsChange.id}, which has not come to its end`,
    ]);
    await estate.wheelhouse.startWorker();
  });
});

describe('a plan', () => {
  const planFor = async (name: string, values: Record<string, unknown>): Promise<string> =>
    (await estate.set(name, { ...values, dryRun: true })).plan.id;

  it('is applied by its id as it was made, and applied twice it is answered with the first outcome', async () => {
    const plan = await planFor('apply', { brightnessPercent: 40, reason: 'tour' });
    const first = await estate.apply({ plan });
    expect(first.settingsChange).toMatchObject({
      state: 'APPLIED',
      reason: 'tour',
      readBack: { brightnessPercent: 40 },
    });
    const [second, third] = await Promise.all([estate.apply({ plan }), estate.apply({ plan })]);
    expect(second.settingsChange).toEqual(first.settingsChange);
    expect(third.settingsChange).toEqual(first.settingsChange);
    expect(estate.displayOf('apply').setsReceived).toBe(1);
  });

  it('applied by two at once is applied once', async () => {
    const plan = await planFor('apply', { brightnessPercent: 10 });
    const [one, other] = await Promise.all([estate.apply({ plan }), estate.apply({ plan })]);
    expect(one.settingsChange.id).toBe(other.settingsChange.id);
    expect(one.settingsChange.state).toBe('APPLIED');
  });

  it('is a CONFLICT when the settings have another version by now', async () => {
    const plan = await planFor('version', { brightnessPercent: 40 });
    await estate.set('version', { inputSource: 'DVI' });
    const answer = await estate.apply({ plan });
    expect(codes(answer)).toEqual(['input.plan CONFLICT']);
    expect(answer.userErrors[0].message).toContain('settingsVersion is 1 by now');
    expect(estate.displayOf('version').values.brightnessPercent).toBe(70);
  });

  it('is a CONFLICT that says what moved when the display has said something else since', async () => {
    const plan = await planFor('moved', { brightnessPercent: 40 });
    const { sql, close } = openDatabase(estate.wheelhouse.databaseUrl, { maxConnections: 1 });
    await sql`update fida.displays set brightness_percent = 25 where device_id = ${estate.idOf('moved')}`;
    await close();
    const answer = await estate.apply({ plan });
    expect(codes(answer)).toEqual(['input.plan CONFLICT']);
    expect(answer.userErrors[0].message).toContain('brightnessPercent was 70, and is 25');
    expect(estate.displayOf('moved').setsReceived).toBe(0);
  });

  it('sends nothing when the display itself says otherwise by then', async () => {
    const plan = await planFor('stolen', { brightnessPercent: 40 });
    estate.displayOf('stolen').set({ brightnessPercent: 25 });
    const { settingsChange } = await estate.apply({ plan });
    expect(settingsChange).toMatchObject({ state: 'REJECTED', code: 'CONFLICT' });
    expect(estate.displayOf('stolen').setsReceived).toBe(0);
  });

  it.each([
    ['text that is none', 'hello'],
    ['nothing', ''],
    ['a sealed text that was altered', 'v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAA'],
  ])('is no plan that is %s', async (_name, plan) => {
    expect(codes(await estate.apply({ plan }))).toEqual(['input.plan INVALID']);
  });
});

describe('an undo', () => {
  it('is a change of its own that sets what was before, and can be undone itself', async () => {
    const { settingsChange: change } = await estate.set('undo', { brightnessPercent: 40, power: 'OFF' });
    const { settingsChange: undone } = await estate.undo({ id: change.id, reason: 'too dark' });
    expect(undone).toMatchObject({
      ...{ state: 'APPLIED', undoes: change.id, wanted: { brightnessPercent: 70, power: 'ON' }, reason: 'too dark' },
    });
    const { settingsChange: redone } = await estate.undo({ id: undone.id });
    expect(redone).toMatchObject({ state: 'APPLIED', undoes: undone.id, wanted: change.wanted });
    expect(estate.displayOf('undo').values).toMatchObject({ brightnessPercent: 40, power: 'OFF' });
  });

  it('is a CONFLICT that names the later change of the same settings', async () => {
    const { settingsChange: first } = await estate.set('later', { brightnessPercent: 40 });
    await estate.set('later', { inputSource: 'DVI' });
    const planned = await estate.undo({ id: first.id, dryRun: true });
    expect(planned.plan.changes).toEqual([{ setting: 'brightnessPercent', before: 40, after: 70 }]);
    const { settingsChange: second } = await estate.set('later', { brightnessPercent: 50 });
    const answer = await estate.undo({ id: first.id });
    expect(codes(answer)).toEqual(['input.id CONFLICT']);
    expect(answer.userErrors[0].message).toContain(second.id);
  });

  it('is planned and applied like every other change, and keeps what it takes back', async () => {
    const { settingsChange: change } = await estate.set('planned', { brightnessPercent: 40 });
    const { plan } = await estate.undo({ id: change.id, dryRun: true });
    expect(estate.displayOf('planned').values.brightnessPercent).toBe(40);
    const { settingsChange: undone } = await estate.apply({ plan: plan.id });
    expect(undone).toMatchObject({ state: 'APPLIED', undoes: change.id, readBack: { brightnessPercent: 70 } });
  });

  it('repeated under its idempotency key is answered with the first outcome', async () => {
    const { settingsChange: change } = await estate.set('key', { brightnessPercent: 41 });
    const first = await estate.undo({ id: change.id, idempotencyKey: 'undo it' });
    const second = await estate.undo({ id: change.id, idempotencyKey: 'undo it' });
    expect(first.settingsChange.state).toBe('APPLIED');
    expect(second.settingsChange).toEqual(first.settingsChange);
  });

  it('needs a change that there is, and that changed something', async () => {
    const missing = await estate.undo({ id: 'nothing' });
    expect(codes(missing)).toEqual(['input.id NOT_FOUND']);
    estate.displayOf('undo').setFault({ kind: 'refusesSets', error: 'genErr' });
    const { settingsChange } = await estate.set('undo', { brightnessPercent: 1 });
    estate.displayOf('undo').setFault(null);
    const answer = await estate.undo({ id: settingsChange.id });
    expect(codes(answer)).toEqual(['input.id INVALID']);
    expect(answer.userErrors[0].message).toContain('REJECTED');
  });

  it('is refused where nothing was sent', async () => {
    estate.displayOf('undo').setFault({ kind: 'silent' });
    const { settingsChange } = await estate.outcomeOf('undo', { brightnessPercent: 1 });
    estate.displayOf('undo').setFault(null);
    expect(settingsChange.state).toBe('UNREACHABLE');
    const answer = await estate.undo({ id: settingsChange.id });
    expect(codes(answer)).toEqual(['input.id INVALID']);
    expect(answer.userErrors[0].message).toContain('UNREACHABLE and changed nothing');
  });
});

describe('writers', () => {
  it('who race with the same expected version: one wins, and the others are told', async () => {
    const answers = await Promise.all(
      [11, 12, 13].map((brightnessPercent) => estate.set('race', { brightnessPercent, expectedSettingsVersion: 0 })),
    );
    const [winner, ...others] = answers.toSorted((one, other) => one.userErrors.length - other.userErrors.length);
    expect(winner.settingsChange).toMatchObject({ state: 'APPLIED', settingsVersion: 1 });
    expect(others.map(codes)).toEqual([
      ['input.expectedSettingsVersion CONFLICT'],
      ['input.expectedSettingsVersion CONFLICT'],
    ]);
    expect(others[0]?.display.settingsVersion).toBe(1);
    expect(estate.displayOf('race').values.brightnessPercent).toBe(winner.settingsChange.wanted.brightnessPercent);
  });

  it('who race without one all come to an end, and the last one wins', async () => {
    const values = [21, 22, 23, 24, 25];
    const answers = await Promise.all(values.map((brightnessPercent) => estate.set('last', { brightnessPercent })));
    const changes = answers
      .map(({ settingsChange }) => settingsChange)
      .toSorted((one, other) => one.settingsVersion - other.settingsVersion);
    for (const { state } of changes) expect(['APPLIED', 'SUPERSEDED']).toContain(state);
    expect(changes.at(-1).state).toBe('APPLIED');
    expect(estate.displayOf('last').values.brightnessPercent).toBe(changes.at(-1).wanted.brightnessPercent);
  });

  it('are answered with the first outcome under the same idempotency key, and refused with another payload', async () => {
    const input = { brightnessPercent: 33, idempotencyKey: 'evening' };
    const first = await estate.set('key', input);
    expect(first.settingsChange.state).toBe('APPLIED');
    expect((await estate.set('key', { ...input, waitMs: 1 })).settingsChange).toEqual(first.settingsChange);
    const sets = estate.displayOf('key').setsReceived;
    expect(codes(await estate.set('key', { ...input, brightnessPercent: 34 }))).toEqual([
      'input.idempotencyKey CONFLICT',
    ]);
    expect(estate.displayOf('key').setsReceived).toBe(sets);
  });
});
