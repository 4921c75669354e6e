import type { SettingsPort } from '@wheelhouse/kit/settings-carry.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { SetAnswer, SettingsReading } from '@wheelhouse/kit/settings-rules.ts';
import type { z } from 'zod';
import { crossPointsBy } from './cross-points.ts';
import { readComponent, readControls, readingOf } from './design.ts';
import type { ControlRow } from './design-store.ts';
import type { CoreLink, Failure, Refusal, Reply } from './qrc.ts';
import { printable } from './rules.ts';
import { type ControlName, controlOf, settingOf } from './settings-names.ts';
import {
  happensEachTime,
  holdsControl,
  isCrossPoint,
  type ReadControl,
  type WantedControl,
  type WantedCrossPoint,
  wantedControls,
} from './settings-wanted.ts';

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

type Named<Way> = ControlName & { setting: string; wanted: Way };
type Wanted = Named<WantedControl>;

/** What one request of QRC can read: controls of one component, or named controls. */
type Batch = { component: string | null; controls: Wanted[] };

const batchesOf = (wanted: readonly Wanted[]): Batch[] =>
  [...Map.groupBy(wanted, ({ component }) => component)].map(([component, controls]) => ({ component, controls }));

type Request = { method: string; params: unknown };

const rampOf = (wanted: WantedControl): { Ramp?: number } =>
  'rampSeconds' in wanted && wanted.rampSeconds !== undefined ? { Ramp: wanted.rampSeconds } : {};

/** What QRC is given for a control (QRC Commands: Control.Set, Component.Set). */
function paramsOf({ name, wanted }: Named<Exclude<WantedControl, WantedCrossPoint>>): Record<string, unknown> {
  if ('trigger' in wanted) return { Name: name, Value: 1 };
  if ('mute' in wanted) return { Name: name, Value: wanted.mute ? 1 : 0 };
  if ('text' in wanted) return { Name: name, Value: wanted.text };
  return 'position' in wanted
    ? { Name: name, Position: wanted.position, ...rampOf(wanted) }
    : { Name: name, Value: wanted.value, ...rampOf(wanted) };
}

/** What sets a group of cross-points, all of them to the same (QRC Commands: Mixer.SetCrossPointGain and its like). */
function crossPointRequest(mixer: string, wanted: WantedCrossPoint): Request {
  const group = { Name: mixer, Inputs: wanted.inputs, Outputs: wanted.outputs };
  const set = (way: keyof typeof crossPointsBy, Value: number | boolean): Request => ({
    method: crossPointsBy[way].method,
    params: { ...group, Value, ...rampOf(wanted) },
  });
  if ('gainDb' in wanted) return set('gainDb', wanted.gainDb);
  if ('delaySeconds' in wanted) return set('delaySeconds', wanted.delaySeconds);
  return 'mute' in wanted ? set('mute', wanted.mute) : set('solo', wanted.solo);
}

type Single = Named<Exclude<WantedControl, WantedCrossPoint>>;
const isSingle = (control: Wanted): control is Single => !isCrossPoint(control.wanted);

/** The requests that set a batch: a named control and a group of cross-points go by themselves, other controls together. */
function requestsOf({ component, controls }: Batch): Request[] {
  const singles = controls.filter(isSingle);
  if (component === null) return singles.map((control) => ({ method: 'Control.Set', params: paramsOf(control) }));
  const groups = new Map(
    controls.flatMap(({ wanted }): [string, WantedCrossPoint][] =>
      isCrossPoint(wanted) ? [[JSON.stringify(wanted), wanted]] : [],
    ),
  );
  return [
    ...(singles.length > 0
      ? [{ method: 'Component.Set', params: { Name: component, Controls: singles.map(paramsOf) } }]
      : []),
    ...[...groups.values()].map((wanted) => crossPointRequest(component, wanted)),
  ];
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
      for (const { method, params } of batches.flatMap(requestsOf)) {
        const reply = await link.request(method, params, signal);
        const answer = reply.kind === 'result' ? acceptance(reply.result) : told(reply);
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
