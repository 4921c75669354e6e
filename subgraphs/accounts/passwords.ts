import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type HashingCost, openHashing } from './hashing.ts';
import { normalizePassword } from './rules/passwords.ts';

/** OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes and 1 lane. */
export const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The version of argon2 in RFC 9106, as PHC strings have it. */
const VERSION = 19;

/** Some seconds of hashing; who would wait longer had better come again. */
const MAX_WAITING = 100;

/** Raised when so many passwords wait to be hashed that one more would wait for too long. */
export class TooBusyError extends Error {
  readonly code = 'TOO_BUSY';
  constructor() {
    super('Too many passwords are being checked at this moment');
  }
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export type Passwords = {
  /** The hash to keep, in the form of the PHC. @throws TooBusyError */
  hash: (password: string) => Promise<string>;
  /**
   * Whether a password is the one that was hashed. With null, for somebody who is not there, it takes as long as with a hash and is false.
   *
   * @throws TooBusyError
   */
  verify: (password: string, hash: string | null) => Promise<boolean>;
  close: () => Promise<void>;
};

/**
 * Hashes passwords off the event loop, one at a time: the others wait, so that any number of people who sign in leave the cores to the rest.
 *
 * @param options.onWait is told how many wait
 * @param options.maxWaiting how many may
 * @param options.parameters what new hashes cost; older ones say it themselves
 */
export function openPasswords({
  onWait = () => {},
  maxWaiting = MAX_WAITING,
  parameters = PARAMETERS,
}: {
  onWait?: (waiting: number) => void;
  maxWaiting?: number;
  parameters?: HashingCost;
} = {}): Passwords {
  const hashing = openHashing();
  let isRunning = false;
  const waiting: (() => void)[] = [];
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= maxWaiting) throw new TooBusyError();
    if (isRunning) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      onWait(waiting.length);
      await promise;
    }
    isRunning = true;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes just then takes it.
      const next = waiting.shift();
      onWait(waiting.length);
      if (next === undefined) isRunning = false;
      else next();
    }
  };
  const derive = (password: string, salt: Buffer, cost: HashingCost, length: number): Promise<Buffer> =>
    inTurn(() => hashing.derive({ message: normalizePassword(password), salt, cost, length }));
  const phc = (salt: Buffer, key: Buffer): string => {
    const { memory, passes, parallelism } = parameters;
    return `$argon2id$v=${VERSION}$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(key)}`;
  };
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(SALT_BYTES);
    return phc(salt, await derive(password, salt, parameters, HASH_BYTES));
  };
  /** What somebody who is not there is compared with: nobody knows the password. */
  const decoy = phc(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  const verify = async (password: string, held: string | null): Promise<boolean> => {
    const [, memory, passes, parallelism, salt = '', key = ''] = PHC.exec(held ?? decoy) ?? [];
    if (key === '') throw new Error('A password hash is not in a form that this version knows');
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
    const expected = Buffer.from(key, 'base64');
    const derived = await derive(password, Buffer.from(salt, 'base64'), cost, expected.length);
    return timingSafeEqual(derived, expected) && held !== null;
  };
  return { hash, verify, close: hashing.close };
}
