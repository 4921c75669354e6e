import { describe, expect, it } from 'vitest';
import type { Reply } from './qrc.ts';
import { controlsPort } from './settings-port.ts';
import { aResult, aScriptedLink } from './testing/links.ts';

const signal = new AbortController().signal;
const portTo = (wanted: Record<string, unknown>, answer: (method: string) => Reply) => {
  const { link, asked } = aScriptedLink(answer);
  return { asked, port: controlsPort(wanted, { reach: async () => link, known: new Map(), settleMs: 2_000 }) };
};
const WANTED = {
  'Foyer/gain': { value: -3, rampSeconds: 2 },
  'Foyer/mute': { mute: true },
  FoyerGain: { position: 0.5 },
  FoyerText: { text: 'Café' },
};

describe("a Core's controls on the road of settings", () => {
  it('are set together where they are of one component, and the named ones each by itself', async () => {
    const { port, asked } = portTo(WANTED, () => aResult(true));
    expect(await port.set(WANTED, signal)).toEqual({ kind: 'accepted' });
    expect(asked).toEqual([
      {
        method: 'Component.Set',
        params: {
          Name: 'Foyer',
          Controls: [
            { Name: 'gain', Value: -3, Ramp: 2 },
            { Name: 'mute', Value: 1 },
          ],
        },
      },
      { method: 'Control.Set', params: { Name: 'FoyerGain', Position: 0.5 } },
      { method: 'Control.Set', params: { Name: 'FoyerText', Value: 'Café' } },
    ]);
    expect(port.settleMs).toBe(4_000);
  });

  it('are read by one request for each component and one for all named ones', async () => {
    const value = (Name: string, Value: unknown) => ({ Name, Value, String: String(Value), Position: 0.5 });
    const { port, asked } = portTo(WANTED, (method) =>
      method === 'Control.Get'
        ? aResult([value('FoyerGain', -40), value('FoyerText', 'Café')])
        : aResult({ Name: 'Foyer', Controls: [value('gain', -3), value('mute', true)] }),
    );
    const reading = await port.read(signal);
    expect(asked.map(({ method }) => method)).toEqual(['Component.Get', 'Control.Get']);
    expect(reading).toMatchObject({
      kind: 'read',
      values: { 'Foyer/gain': { value: -3 }, 'Foyer/mute': { value: 1 }, FoyerText: { value: null, string: 'Café' } },
    });
    expect(reading.kind === 'read' && reading.holds(WANTED)).toBe(true);
    expect(reading.kind === 'read' && reading.holds({ 'Foyer/gain': { value: 3 } })).toBe(false);
  });

  it.each<[string, Reply, unknown]>([
    [
      'a refusal, in its words',
      { kind: 'refused', code: 'UNKNOWN_CONTROL', detail: 'no\u0000such', roundTripMs: 1 },
      { kind: 'refused', code: 'UNKNOWN_CONTROL', detail: 'no such' },
    ],
    ['silence', { kind: 'silent', detail: 'no answer' }, { kind: 'silent', detail: 'no answer' }],
    [
      'a refused logon',
      { kind: 'couldNotLook', cause: { code: 'CREDENTIALS_REJECTED', text: 'no' } },
      { kind: 'refused', code: 'CREDENTIALS_REJECTED', detail: 'no' },
    ],
    ['nonsense', aResult({ Controls: 7 }), { kind: 'couldNotLook', cause: { code: 'MALFORMED' } }],
    ['values of other controls', aResult([]), { kind: 'couldNotLook', cause: { code: 'MALFORMED' } }],
  ])('are not read where the Core answers with %s', async (_what, reply, reading) => {
    expect(await portTo({ FoyerGain: { value: 1 } }, () => reply).port.read(signal)).toMatchObject(reading as object);
  });

  it('that a Core lists as unknown are refused, though others may be set', async () => {
    const { port } = portTo({ 'Foyer/gain': { value: 1 } }, () => aResult(['gain']));
    expect(await port.set({}, signal)).toMatchObject({ kind: 'refused', code: 'UNKNOWN_CONTROL', isPartly: true });
  });

  it('are refused in part where the first was taken and a later one was not', async () => {
    let count = 0;
    const { port, asked } = portTo({ a: { value: 1 }, b: { value: 1 }, c: { value: 1 } }, () =>
      ++count === 2 ? { kind: 'refused', code: 'SERVER_ERROR', detail: 'no', roundTripMs: 1 } : aResult(true),
    );
    expect(await port.set({}, signal)).toMatchObject({ kind: 'refused', isPartly: true });
    expect(asked).toHaveLength(2);
  });

  const crossPoints = (what: string, wanted: Record<string, unknown>) =>
    Object.fromEntries(
      [1, 2].flatMap((input) => [1, 3].map((output) => [`Mixer/input.${input}.output.${output}.${what}`, wanted])),
    );
  const group = { inputs: '1-2', outputs: '1 3' };

  it('that are cross-points are set by one request for each group, beside other controls of the mixer', async () => {
    const wanted = {
      'Mixer/output.1.gain': { value: 0 },
      ...crossPoints('gain', { gainDb: -3, rampSeconds: 2, ...group }),
      ...crossPoints('mute', { mute: false, ...group }),
      ...crossPoints('solo', { solo: true, ...group }),
      ...crossPoints('delay', { delaySeconds: 0.1, ...group }),
    };
    const { port, asked } = portTo(wanted, () => aResult(true));
    expect(await port.set(wanted, signal)).toEqual({ kind: 'accepted' });
    const selected = { Name: 'Mixer', Inputs: '1-2', Outputs: '1 3' };
    expect(asked).toEqual([
      { method: 'Component.Set', params: { Name: 'Mixer', Controls: [{ Name: 'output.1.gain', Value: 0 }] } },
      { method: 'Mixer.SetCrossPointGain', params: { ...selected, Value: -3, Ramp: 2 } },
      { method: 'Mixer.SetCrossPointMute', params: { ...selected, Value: false } },
      { method: 'Mixer.SetCrossPointSolo', params: { ...selected, Value: true } },
      { method: 'Mixer.SetCrossPointDelay', params: { ...selected, Value: 0.1 } },
    ]);
    expect(port.settleMs).toBe(4_000);
  });

  it('that are cross-points are read back each, and hold where all of them do', async () => {
    const wanted = crossPoints('gain', { gainDb: -3, ...group });
    let last = -3;
    const { port, asked } = portTo(wanted, () =>
      aResult({
        Name: 'Mixer',
        Controls: Object.keys(wanted).map((setting, index) => ({
          ...{ Name: setting.slice('Mixer/'.length), Value: index === 3 ? last : -3, String: '', Position: 0.8 },
        })),
      }),
    );
    const holds = async (): Promise<boolean> => {
      const reading = await port.read(signal);
      return reading.kind === 'read' && reading.holds(wanted);
    };
    expect(await holds()).toBe(true);
    last = -100;
    expect(await holds()).toBe(false);
    expect(asked.map(({ method }) => method)).toEqual(['Component.Get', 'Component.Get']);
  });

  it('of a mixer that the design shows no longer are refused before anything is sent', async () => {
    const wanted = crossPoints('gain', { gainDb: -3, ...group });
    const { port } = portTo(wanted, () => ({
      ...{ kind: 'refused', code: 'UNKNOWN_COMPONENT', detail: 'no Mixer', roundTripMs: 1 },
    }));
    expect(await port.read(signal)).toMatchObject({ kind: 'refused', code: 'UNKNOWN_COMPONENT' });
  });
});
