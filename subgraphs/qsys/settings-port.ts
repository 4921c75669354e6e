import type { SettingsPort } from '@wheelhouse/kit/settings-carry.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { SetAnswer, SettingsReading } from '@wheelhouse/kit/settings-rules.ts';
import type { z } from 'zod';
import { readComponent, readControls, readingOf } from './design.ts';
import type { ControlRow } from './design-store.ts';
import type { CoreLink, Failure, Refusal, Reply } from './qrc.ts';
import { printable } from './rules.ts';
import { type ControlName, controlOf, settingOf } from './settings-names.ts';
import {
  happensEachTime,
  holdsControl,
  type ReadControl,
  type WantedControl,
  wantedControls,
} from './settings-rules.ts';

type Told = Extract<SettingsReading, { kind: 'refused' }> | Failure;

const refusalOf = ({ code, detail }: Refusal): Extract<SettingsReading, { kind: 'refused' }> => ({
  ...{ kind: 'refused', code, detail: printable(detail, 300) || code },
});

/** What stands in the way of a reading or a setting. Wrong credentials are a refusal of the Core's. */
const told = (reply: Exclude<Reply, { kind: 'result' }>): Told => {
  if (reply.kind === 'refused') return refusalOf(reply);
  return reply.kind === 'couldNotLook' && reply.cause.code === 'CREDENTIALS_REJECTED'
    ? { kind: 'refused', code: reply.cause.code, detail: reply.cause.text }
    : reply;
};

const MALFORMED: Failure = {
  kind: 'couldNotLook',
  cause: { code: 'MALFORMED', text: 'the Core answered with no values of its controls' },
};

type Wanted = ControlName & { setting: string; wanted: WantedControl };

/** What one request of QRC can read: controls of one component, or named controls. */
type Batch = { component: string | null; controls: Wanted[] };

const batchesOf = (wanted: readonly Wanted[]): Batch[] =>
  [...Map.groupBy(wanted, ({ component }) => component)].map(([component, controls]) => ({ component, controls }));

/** What one request of QRC can set: a named control goes by itself. */
const setsOf = (batches: readonly Batch[]): Batch[] =>
  batches.flatMap(({ component, controls }): Batch[] =>
    component === null ? controls.map((control) => ({ component, controls: [control] })) : [{ component, controls }],
  );

/** What QRC is given for a control (QRC Commands: Control.Set, Component.Set). */
function paramsOf({ name, wanted }: Wanted): Record<string, unknown> {
  if ('trigger' in wanted) return { Name: name, Value: 1 };
  if ('mute' in wanted) return { Name: name, Value: wanted.mute ? 1 : 0 };
  if ('text' in wanted) return { Name: name, Value: wanted.text };
  const ramp = wanted.rampSeconds === undefined ? {} : { Ramp: wanted.rampSeconds };
  return 'position' in wanted
    ? { Name: name, Position: wanted.position, ...ramp }
    : { Name: name, Value: wanted.value, ...ramp };
}

type Read = { kind: 'read'; values: Map<string, ReadControl> };

async function readBatch(link: CoreLink, { component, controls }: Batch, signal: AbortSignal): Promise<Read | Told> {
  const names = controls.map(({ name }) => name);
  const reply =
    component === null
      ? await link.request('Control.Get', names, signal)
      : await link.request('Component.Get', { Name: component, Controls: names.map((Name) => ({ Name })) }, signal);
  if (reply.kind !== 'result') return told(reply);
  const parsed =
    component === null
      ? readControls.safeParse(reply.result)
      : readComponent.transform(({ Controls }): z.output<typeof readControls> => Controls).safeParse(reply.result);
  if (!parsed.success) return MALFORMED;
  const values = new Map(
    parsed.data.map((control) => [settingOf({ component, name: control.Name }), readingOf(control)]),
  );
  return controls.every(({ setting }) => values.has(setting)) ? { kind: 'read', values } : MALFORMED;
}

/** What a Core says that it did. Controls that it lacks are listed in its answer. */
function acceptance(result: unknown): SetAnswer {
  if (!Array.isArray(result) || result.length === 0 || !result.every((name) => typeof name === 'string'))
    return { kind: 'accepted' };
  const names = printable(result.join(', '), 200);
  return { kind: 'refused', code: 'UNKNOWN_CONTROL', detail: `the Core has no control ${names}`, isPartly: true };
}

async function setBatch(link: CoreLink, { component, controls }: Batch, signal: AbortSignal): Promise<SetAnswer> {
  const [first] = controls;
  if (first === undefined) return { kind: 'accepted' };
  const reply =
    component === null
      ? await link.request('Control.Set', paramsOf(first), signal)
      : await link.request('Component.Set', { Name: component, Controls: controls.map(paramsOf) }, signal);
  return reply.kind === 'result' ? acceptance(reply.result) : told(reply);
}

/**
 * A Core's controls on the road of settings.
 *
 * @param reach the road to the Core, found when it is first needed
 * @param known what the Core told of the controls of components, by setting
 */
export function controlsPort(
  wantedValues: SettingsValues,
  {
    reach,
    known,
    settleMs,
  }: {
    reach: () => Promise<CoreLink | Told>;
    known: ReadonlyMap<string, ControlRow>;
    settleMs: number;
  },
): SettingsPort {
  const all = Object.entries(wantedControls(wantedValues)).map(
    ([setting, wanted]): Wanted => ({ setting, wanted, ...controlOf(setting) }),
  );
  const batches = batchesOf(all);
  const rampsMs = all.map(({ wanted }) => ('rampSeconds' in wanted ? (wanted.rampSeconds ?? 0) * 1_000 : 0));
  /** Triggers of which the Core has said that it fired them, by us. */
  let isFired = false;
  const holdsOne = (values: ReadonlyMap<string, ReadControl>, setting: string, wanted: WantedControl): boolean => {
    if ('trigger' in wanted) return isFired;
    const read = values.get(setting);
    return read !== undefined && holdsControl(read, wanted, known.get(setting));
  };
  return {
    isOnce: all.some(({ setting, wanted }) => happensEachTime(wanted, known.get(setting))),
    settleMs: Math.max(0, ...rampsMs) + settleMs,
    read: async (signal): Promise<SettingsReading> => {
      const link = await reach();
      if ('kind' in link) return link;
      const values = new Map<string, ReadControl>();
      for (const reading of await Promise.all(batches.map((batch) => readBatch(link, batch, signal)))) {
        if (reading.kind !== 'read') return reading;
        for (const [setting, value] of reading.values) values.set(setting, value);
      }
      return {
        kind: 'read',
        values: Object.fromEntries(values),
        holds: (wanted) =>
          Object.entries(wantedControls(wanted)).every(([setting, control]) => holdsOne(values, setting, control)),
      };
    },
    set: async (_wanted, signal) => {
      const link = await reach();
      if ('kind' in link) return link;
      let isPartly = false;
      for (const batch of setsOf(batches)) {
        const answer = await setBatch(link, batch, signal);
        // What came before it has taken effect.
        if (answer.kind === 'refused' && isPartly) return { ...answer, isPartly: true };
        if (answer.kind !== 'accepted') return answer;
        isPartly = true;
      }
      isFired = true;
      return { kind: 'accepted' };
    },
  };
}
