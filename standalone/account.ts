import { spawnSync } from 'node:child_process';

/** The user to run a program as; empty: as ourselves. */
export type Account = { uid?: number; gid?: number };

function idOf(flag: '-u' | '-g', user: string): number | undefined {
  const { status, stdout } = spawnSync('id', [flag, user], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

/**
 * A user without privileges for a program that refuses root: "postgres" where the machine has it, else "nobody".
 *
 * @throws Error when the machine has neither
 */
export function unprivilegedAccount(): Required<Account> {
  for (const user of ['postgres', 'nobody']) {
    const uid = idOf('-u', user);
    const gid = idOf('-g', user);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor "nobody" to run it as. ' +
      'Start as another user, or set DATABASE_URL.',
  );
}

/** Whether `account` may enter `folder`. Asked of the system, since every parent, groups and ACLs decide. */
export function canEnter(folder: string, account: Account): boolean {
  const options = { ...account, cwd: '/', stdio: 'ignore' } as const;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], options).status === 0;
}
