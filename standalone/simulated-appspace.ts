import { MUSEUM_ACCOUNT } from '@wheelhouse/simulators/appspace/account.ts';
import { findFreePorts } from './free-port.ts';

/** Where simulators listen. */
const HOST = '127.0.0.1';

export type SimulatedAppspace = {
  /** What makes the simulators' Appspace listen where the settings say. */
  simulatorArgs: string[];
  /** The account's settings, for whoever watches its players. */
  settings: Record<string, string>;
};

/**
 * Decides where the simulated Appspace will be: the workers start before it, and have its address from their settings. Nothing where
 * there is no museum, or where an account is set already.
 */
export async function planSimulatedAppspace(options: {
  isMuseumRun: boolean;
  environment: NodeJS.ProcessEnv;
}): Promise<SimulatedAppspace> {
  if (!options.isMuseumRun || (options.environment.APPSPACE_URL ?? '') !== '')
    return { simulatorArgs: [], settings: {} };
  const [port = 0] = await findFreePorts(HOST, 1);
  return {
    simulatorArgs: ['--appspace-port', String(port)],
    settings: {
      APPSPACE_URL: `http://${HOST}:${port}`,
      APPSPACE_SUBJECT_ID: MUSEUM_ACCOUNT.subjectId,
      APPSPACE_REFRESH_TOKEN: MUSEUM_ACCOUNT.refreshToken,
    },
  };
}
