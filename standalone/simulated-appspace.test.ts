import { readAppspaceConfig } from '@wheelhouse/appspace/config.ts';
import { readOptions } from '@wheelhouse/simulators/config.ts';
import { expect, it } from 'vitest';
import { DECIDED } from './config.ts';
import { planSimulatedAppspace } from './simulated-appspace.ts';

it('is where the settings of the service say, which takes them', async () => {
  const { simulatorArgs, settings } = await planSimulatedAppspace({ isMuseumRun: true, environment: {} });
  const { appspacePort } = readOptions(simulatorArgs);
  const { account } = readAppspaceConfig({ ...DECIDED, ...settings });
  expect(account).toMatchObject({ url: `http://127.0.0.1:${appspacePort}`, subjectId: expect.stringMatching(/./) });
});

it.each([
  ['an estate file is brought', { isMuseumRun: false, environment: {} }],
  ['an account is set', { isMuseumRun: true, environment: { APPSPACE_URL: 'https://api.cloud.appspace.com' } }],
])('is no account to anybody where %s', async (_where, options) => {
  expect(await planSimulatedAppspace(options)).toEqual({ simulatorArgs: [], settings: {} });
});
