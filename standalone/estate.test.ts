import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importEstateFile, parseEstate, readEstateFile } from './estate.ts';

const TEXT = `sites:
  - path: museum
    timeZone: Nowhere/None
devices:
  - name: One
    snmp: { host: 127.0.0.1, port: 99999 }
  - &second
    name: Two
    tags: [a, b]
`;

describe('an estate file', () => {
  it.each([
    [['sites', 0, 'timeZone'], '3:15'],
    [['devices', 0, 'snmp', 'port'], '6:36'],
    [['devices', 1, 'tags', 1], '9:15'],
    [['devices', 0, 'snmp', 'community'], '6:11'],
    [['devices', 0, 'site'], '5:5'],
    [['devices', 7], '5:3'],
    [[], '1:1'],
  ])('has its part at %j in line and column %s, or what is nearest above', (path, place) => {
    expect(parseEstate('estate.yaml', TEXT).placeOf(path)).toBe(`estate.yaml:${place}`);
  });

  it('names every fault of its YAML with its line', () => {
    const text = 'devices:\n  - name: "a\n  - name: b\n   bad: [1, 2\n';
    expect(() => parseEstate('estate.yaml', text)).toThrow(/estate\.yaml:\d+:\d+: /);
    expect(() => parseEstate('estate.yaml', 'a: 1\na: 2\nb: 1\nb: 2\n')).toThrow(
      /2 faults:\n {2}estate\.yaml:2:1: .*\n {2}estate\.yaml:4:1: /,
    );
  });

  it('may be empty, and is not swollen by aliases of aliases', () => {
    expect(parseEstate('estate.yaml', '').content).toBeNull();
    const levels = Array.from(
      { length: 9 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}]`,
    );
    expect(() => parseEstate('estate.yaml', ['a0: &a0 [x]', ...levels].join('\n'))).toThrow(/alias/i);
  });

  it('that is not there is named', async () => {
    await expect(readEstateFile('/nowhere/estate.yaml')).rejects.toThrow('/nowhere/estate.yaml');
  });
});

describe('the import of an estate file', () => {
  let answer: { status: number; body: unknown };
  let asked: { authorization: string | undefined; body: unknown };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked = { authorization: request.headers.authorization, body: JSON.parse(text) };
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  let where: { devicesUrl: string; serviceToken: string };
  beforeEach(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    where = {
      devicesUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      serviceToken: 'a-service-token',
    };
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('hands the content to the devices service as a service', async () => {
    answer = { status: 200, body: { added: 2, updated: 0, unchanged: 0 } };
    const counts = await importEstateFile('estate.yaml', parseEstate('estate.yaml', TEXT), where);
    expect(counts).toEqual({ added: 2, updated: 0, unchanged: 0 });
    expect(asked.authorization).toBe('Bearer a-service-token');
    expect(asked.body).toMatchObject({
      sites: [{ path: 'museum' }],
      devices: [{ name: 'One' }, { name: 'Two', tags: ['a', 'b'] }],
    });
  });

  it('names every fault that the devices service found, at its place in the file', async () => {
    const faults = [
      { path: ['sites', 0, 'timeZone'], message: 'must be a time zone' },
      { path: ['devices', 0, 'snmp', 'port'], message: 'must be 1 to 65535' },
    ];
    answer = { status: 422, body: { faults } };
    await expect(importEstateFile('estate.yaml', parseEstate('estate.yaml', TEXT), where)).rejects.toThrow(
      'The estate file estate.yaml has 2 faults:\n' +
        '  estate.yaml:3:15: sites[0].timeZone: must be a time zone\n' +
        '  estate.yaml:6:36: devices[0].snmp.port: must be 1 to 65535',
    );
  });
});
