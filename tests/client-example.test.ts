import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const FOLDER = new URL('../.wheelhouse-test/', import.meta.url);
const FILE = fileURLToPath(new URL(`client-example-${process.pid}.ts`, FOLDER));

let wheelhouse: Wheelhouse;
let simulated: SimulatedDisplays;
let program: ChildProcess | null = null;

beforeAll(async () => {
  simulated = await startDisplays([
    { name: 'd1', profile: 'wheelhouse-fida', access: { version: 'V2C', community: 'public' } },
  ]);
  wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '300' });
  await wheelhouse.startWorker();
});
afterAll(async () => {
  program?.kill();
  rmSync(FILE, { force: true });
  await wheelhouse.close();
  await simulated.close();
});

it('the program in docs/graph.md prints each change of status as it happens', async () => {
  const [display] = simulated.displays;
  const page = readFileSync(new URL('../docs/graph.md', import.meta.url), 'utf8');
  const [, text = ''] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  expect(text).toContain('http://localhost:4000/graphql');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, text.replace('http://localhost:4000/graphql', wheelhouse.url));

  let output = '';
  program = spawn(process.execPath, [FILE], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [program.stdout, program.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  await eventually('the program to be live', () => output.startsWith('connecting \nlive'));
  const input = { name: 'd1', system: 'FIDA', site: 'hall', snmp: display?.snmp };
  const { data } = await wheelhouse.query(
    'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } userErrors { message } } }',
    { input },
  );
  const { id } = data.addDevice.device;
  await eventually('the display online', () => output.includes(`${id} ONLINE`));
  display?.setFault({ kind: 'silent' });
  await eventually('the display offline', () => output.includes(`${id} OFFLINE`));
  expect(output).toBe(`connecting \nlive \n${id} ONLINE\n${id} OFFLINE\n`);
});
