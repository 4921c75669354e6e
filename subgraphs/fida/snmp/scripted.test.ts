import { decodeMessage, encodeCommunityMessage } from '@wheelhouse/simulators/snmp/message.ts';
import { PDU, type Pdu } from '@wheelhouse/simulators/snmp/pdu.ts';
import { expect, test } from 'vitest';
import { aController, aDisplay, aPeer, aProber, causeOf, V1, V2C } from '../testing/snmp.ts';

/** An agent that answers with `respond`, over v1 or v2c, as it is asked. */
async function aScriptedAgent(respond: (request: Pdu) => Partial<Pdu> | null) {
  return aPeer((socket, datagram, from) => {
    const message = decodeMessage(datagram);
    const response = message.version === 3 ? null : respond(message.pdu);
    if (message.version === 3 || response === null) return;
    const pdu = { ...message.pdu, type: PDU.response, ...response };
    socket.send(encodeCommunityMessage({ ...message, pdu }), from.port, from.address);
  });
}

const POWER = '1.3.6.1.4.1.32473.1.1.2.1.0';

test.each([V1, V2C])('an answer with another community tells of neither: $version', async (access) => {
  const agent = await aPeer((socket, datagram, from) => {
    const message = decodeMessage(datagram);
    if (message.version === 3) return;
    const pdu = { ...message.pdu, type: PDU.response };
    socket.send(encodeCommunityMessage({ ...message, community: 'elsewhere', pdu }), from.port, from.address);
  });
  const target = { ...agent, ...access, community: 'hunter2', profile: 'wheelhouse-fida' };
  const cause = { code: 'MALFORMED_ANSWER', text: 'the answer has another community' };
  expect(await aProber().look(target)).toEqual({ kind: 'couldNotLook', cause });
  expect(await aController().set(target, { power: 'OFF' })).toEqual({ kind: 'couldNotLook', cause });
});

/** An agent of v1 that has all but these, and counts what it is asked. */
async function aVersion1Agent(lacks: (oid: string) => boolean) {
  const requests: number[] = [];
  const agent = await aScriptedAgent(({ varbinds }) => {
    requests.push(varbinds.length);
    const lacking = varbinds.findIndex(({ oid }) => lacks(oid));
    if (lacking >= 0) return { errorStatus: 2, errorIndex: lacking + 1 };
    return { varbinds: varbinds.map(({ oid }) => ({ oid, data: { syntax: 'INTEGER', value: 1 } })) };
  });
  return { agent: { ...agent, ...V1, profile: 'wheelhouse-fida' }, requests };
}

test('what an agent of v1 lacks in the middle costs refusals once, and afterwards a look is one GET', async () => {
  const lacks = (oid: string) => oid.endsWith('.1.2.4.0') || /\.4\.1\.[23]\.[34]$/.test(oid);
  const { agent, requests } = await aVersion1Agent(lacks);
  const prober = aProber();
  const whole = {
    kind: 'answered',
    state: { power: 'ON', brightnessPercent: 1, inputSource: null, signalPresent: true },
  };
  expect(await prober.look(agent)).toMatchObject(whole);
  // For each of the five: the refusal, and the proof that it is to blame.
  expect(requests.splice(0)).toEqual([19, 1, 18, 1, 17, 1, 16, 1, 15, 1, 14]);
  for (let i = 0; i < 3; i++) expect(await prober.look(agent)).toMatchObject(whole);
  expect(requests).toEqual([14, 14, 14]);
});

test('what an agent of v1 lacked is asked for again, one object a look, and read when it has come', async () => {
  let isLacking = true;
  let nowMs = 0;
  const { agent, requests } = await aVersion1Agent((oid) => isLacking && /\.2\.[14]\.0$/.test(oid));
  const prober = aProber({ nowMs: () => nowMs });
  await prober.look(agent);
  nowMs += 15 * 60_000;
  requests.splice(0);
  expect(await prober.look(agent)).toMatchObject({ state: { power: null, inputSource: null } });
  isLacking = false;
  expect(await prober.look(agent)).toMatchObject({ state: { power: null, inputSource: 'HDMI1' } });
  nowMs += 15 * 60_000;
  expect(await prober.look(agent)).toMatchObject({ state: { power: 'ON', inputSource: 'HDMI1' } });
  await prober.look(agent);
  expect(requests).toEqual([17, 1, 17, 1, 18, 1, 19]);
});

test('another community of the same agent, which may be shown more, is asked for all', async () => {
  let isHidden = true;
  const { agent, requests } = await aVersion1Agent((oid) => isHidden && oid === POWER);
  const prober = aProber();
  expect(await prober.look(agent)).toMatchObject({ state: { power: null, brightnessPercent: 1 } });
  isHidden = false;
  requests.splice(0);
  expect(await prober.look({ ...agent, community: 'other' })).toMatchObject({ state: { power: 'ON' } });
  expect(requests).toEqual([19]);
});

test('an agent of v1 that has nothing yet is read as soon as it has', async () => {
  let isStarting = true;
  const { agent } = await aVersion1Agent(() => isStarting);
  const prober = aProber();
  expect(causeOf(await prober.look(agent))).toBe('NOTHING_READABLE');
  isStarting = false;
  expect(await prober.look(agent)).toMatchObject({ kind: 'answered', state: { power: 'ON', inputSource: 'HDMI1' } });
});

test('an agent of v1 that blames an object which it was not asked for is read', async () => {
  const agent = await aScriptedAgent(({ varbinds }) => {
    if (varbinds.some(({ oid }) => oid !== POWER)) return { errorStatus: 2, errorIndex: 99 };
    return { varbinds: [{ oid: POWER, data: { syntax: 'INTEGER', value: 2 } }] };
  });
  const look = await aProber().look({ ...agent, ...V1, profile: 'wheelhouse-fida' });
  expect(look).toMatchObject({ kind: 'answered', state: { power: 'OFF', brightnessPercent: null } });
});

test('an agent of v1 that blames the neighbour of what it lacks is read whole', async () => {
  const agent = await aScriptedAgent(({ varbinds }) => {
    const lacking = varbinds.findIndex(({ oid }) => oid === POWER);
    if (lacking >= 0) return { errorStatus: 2, errorIndex: ((lacking + 1) % varbinds.length) + 1 };
    return { varbinds: varbinds.map(({ oid }) => ({ oid, data: { syntax: 'INTEGER', value: 1 } })) };
  });
  const prober = aProber();
  for (let i = 0; i < 2; i++) {
    const look = await prober.look({ ...agent, ...V1, profile: 'wheelhouse-fida' });
    expect(look).toMatchObject({
      state: { power: null, brightnessPercent: 1, inputSource: 'HDMI1', fansRpm: [1, 1, 1, 1] },
    });
  }
});

test('a v1 agent so slow that a look is over before all is found out is read after some looks', async () => {
  const display = await aDisplay({ access: V1 });
  display.setFault({ kind: 'slow', delayMs: 80 });
  const prober = aProber({ timeoutMs: 400, retries: 0 });
  const target = { ...display.snmp, profile: 'wheelhouse-fida' };
  expect(causeOf(await prober.look(target))).toBe('INCOMPLETE_ANSWER');
  const look = async () => causeOf(await prober.look(target));
  await expect.poll(look, { interval: 1, timeout: 40_000 }).toBe('answered');
});

test('objects that an agent refuses as SNMPv1 would are null, and the others are read', async () => {
  const agent = await aScriptedAgent(({ varbinds }) => {
    const unknown = varbinds.findIndex(({ oid }) => oid !== POWER);
    if (unknown >= 0) return { errorStatus: 2, errorIndex: unknown + 1 };
    return { varbinds: [{ oid: POWER, data: { syntax: 'INTEGER', value: 2 } }] };
  });
  const look = await aProber().look({ ...agent, ...V2C, profile: 'wheelhouse-fida' });
  expect(look).toMatchObject({ kind: 'answered', state: { power: 'OFF', brightnessPercent: null, problems: [] } });
});

test('an agent for which the request is too big is asked in smaller pieces', async () => {
  const sizes: number[] = [];
  const agent = await aScriptedAgent(({ varbinds }) => {
    sizes.push(varbinds.length);
    if (varbinds.length > 6) return { errorStatus: 1, errorIndex: 0 };
    return { varbinds: varbinds.map(({ oid }) => ({ oid, data: { syntax: 'INTEGER', value: 1 } })) };
  });
  const look = await aProber().look({ ...agent, ...V2C, profile: 'wheelhouse-fida' });
  expect(look).toMatchObject({ kind: 'answered', state: { power: 'ON', brightnessPercent: 1 } });
  const answered = sizes.filter((size) => size <= 6);
  expect(answered.reduce((sum, size) => sum + size)).toBe(sizes[0]);
});

test('an answer with other objects than were asked for is malformed', async () => {
  const agent = await aScriptedAgent(({ varbinds }) => ({
    varbinds: varbinds.map(() => ({ oid: POWER, data: { syntax: 'INTEGER', value: 1 } })),
  }));
  const look = await aProber({ timeoutMs: 200 }).look({ ...agent, ...V2C, profile: 'wheelhouse-fida' });
  expect(causeOf(look)).toBe('MALFORMED_ANSWER');
});

test('a display that answers who it is and then falls silent is not called silent', async () => {
  const agent = await aScriptedAgent(({ varbinds }) =>
    varbinds.length > 2
      ? null
      : {
          varbinds: [
            { oid: varbinds[0]?.oid ?? '', data: { syntax: 'OBJECT IDENTIFIER', value: '1.3.6.1.4.1.32473.1.3.1' } },
            { oid: varbinds[1]?.oid ?? '', data: { syntax: 'OCTET STRING', value: Buffer.from('display') } },
          ],
        },
  );
  const look = await aProber({ timeoutMs: 100 }).look({ ...agent, ...V2C });
  expect(causeOf(look)).toBe('INCOMPLETE_ANSWER');
});

test('a device of another kind has no profile, and what it says of itself is told', async () => {
  const agent = await aScriptedAgent(({ varbinds }) => ({
    varbinds: [
      { oid: varbinds[0]?.oid ?? '', data: { syntax: 'OBJECT IDENTIFIER', value: '1.3.6.1.4.1.9.1.1' } },
      { oid: varbinds[1]?.oid ?? '', data: { syntax: 'OCTET STRING', value: Buffer.from('a router') } },
    ],
  }));
  const look = await aProber().look({ ...agent, ...V2C });
  expect(look).toMatchObject({ cause: { code: 'NO_PROFILE', text: expect.stringContaining('1.3.6.1.4.1.9.1.1') } });
});
