import { expect, it } from 'vitest';
import { openPasswords, PARAMETERS, TooBusyError } from './passwords.ts';

it('keeps a password by argon2id with the parameters that OWASP gives, each with a salt of its own', async () => {
  const passwords = openPasswords();
  const one = await passwords.hash('correct horse battery');
  const { memory, passes, parallelism } = PARAMETERS;
  expect(one.startsWith(`$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`)).toBe(true);
  expect(one).not.toBe(await passwords.hash('correct horse battery'));
  expect(await passwords.verify('correct horse battery', one)).toBe(true);
  expect(await passwords.verify('correct horse batterie', one)).toBe(false);
});

it('reads a hash that the reference implementation made', async () => {
  // `argon2 somesalt -id -t 2 -m 16 -p 1 -l 32` of the reference implementation, for "password" (test.c of its repository).
  const held = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await openPasswords().verify('password', held)).toBe(true);
});

it('takes one password for the same however it was typed', async () => {
  const passwords = openPasswords();
  const composed = await passwords.hash('caf\u00e9 au lait, deux');
  expect(await passwords.verify('cafe\u0301 au lait, deux', composed)).toBe(true);
});

it('does for nobody what it does for somebody, and finds it wrong', async () => {
  expect(await openPasswords().verify('correct horse battery', null)).toBe(false);
});

it('lets a few be hashed at a time, and refuses when too many wait', async () => {
  let most = 0;
  const onWait = (waiting: number): void => {
    most = Math.max(most, waiting);
  };
  const passwords = openPasswords({ onWait, maxWaiting: 3 });
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.verify('x', null)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(most).toBe(3);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ reason }) => reason instanceof TooBusyError)).toBe(true);
  expect(await passwords.verify('x', null)).toBe(false);
});
