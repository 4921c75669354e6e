import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIRST_ADMIN_PATH, firstAdminShape } from '@wheelhouse/contracts/access.ts';

/** The password that the first admin gets at the very first start. */
export type FirstAdmin = {
  password: string;
  isDrawn: boolean;
  /** Called when it was told: it is kept nowhere from then on. */
  forget: () => Promise<void>;
};

/**
 * That of the settings, or else one that is drawn: 120 bits, and nothing in it that a shell takes for its own. Until it was told it is kept in the
 * data folder: a start that ends between the making of the admin and the telling would leave an admin whose password nobody knows.
 */
export async function chooseFirstAdmin(folder: string, environment: NodeJS.ProcessEnv): Promise<FirstAdmin> {
  const wanted = environment.WHEELHOUSE_ADMIN_PASSWORD;
  if (wanted) return { password: wanted, isDrawn: false, forget: () => Promise.resolve() };
  const file = join(folder, 'first-admin');
  const untold = (await readFile(file, 'utf8').catch(() => '')).trim();
  const password =
    untold ||
    randomBytes(15)
      .toString('hex')
      .replace(/.{6}(?!$)/g, '$&-');
  if (!untold) await writeFile(file, `${password}\n`, { mode: 0o600, flush: true });
  return { password, isDrawn: true, forget: () => rm(file, { force: true }) };
}

/** How a newcomer signs in. */
export type SignIn = {
  email: string;
  /** Null where it is not known to us: it was told at another start, or changed since. */
  password: string | null;
  /** How the password is shown: as it is only when it was drawn now, since what is set is known to who set it. */
  shown: string;
};

/** Asks the accounts service whether the chosen password is the one by which the first admin signs in. */
export async function findSignIn(options: {
  accountsUrl: string;
  serviceToken: string;
  chosen: Pick<FirstAdmin, 'password' | 'isDrawn'>;
}): Promise<SignIn> {
  const { accountsUrl, serviceToken, chosen } = options;
  const response = await fetch(new URL(FIRST_ADMIN_PATH, accountsUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${serviceToken}` },
    body: JSON.stringify({ password: chosen.password }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`The accounts service answered ${response.status} to the question who signs in`);
  const { email, signsIn } = firstAdminShape.parse(await response.json());
  if (!signsIn)
    return { email, password: null, shown: 'the password that was told at the first start, if it was not changed' };
  return chosen.isDrawn
    ? { email, password: chosen.password, shown: `${chosen.password}   (told this once: keep it, or change it)` }
    : { email, password: null, shown: 'the one in WHEELHOUSE_ADMIN_PASSWORD' };
}

/** Commands that sign in and ask something with the access token. */
export function signInCommands(graphUrl: string | URL, { email, password }: SignIn, query: string): string[] {
  const login = `mutation { login(email: "${email}", password: "${password ?? 'PASSWORD'}") { accessToken } }`;
  const json = "-H 'content-type: application/json'";
  return [
    `  TOKEN=$(curl -s ${graphUrl} ${json} \\`,
    `    -d '${JSON.stringify({ query: login })}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s ${graphUrl} ${json} -H "authorization: Bearer $TOKEN" \\`,
    `    -d '${JSON.stringify({ query })}'`,
  ];
}
