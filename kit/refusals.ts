import type { AuditEntry } from './audit.ts';
import { type Asserted, isAnonymous } from './identity.ts';
import type { Logger } from './logger.ts';

/** Somebody was refused something. */
export type Refusal = {
  identity: Pick<Asserted, 'sub' | 'name' | 'origin'>;
  /** What they asked for, within the service: the name of a mutation, or `Type.field`. */
  what: string;
  /** The code of the error that they were told. */
  code: string;
  /** What they wanted it for, where that is known: an id, never a secret. */
  about?: string | null;
};

export type Refusals = {
  note: (refusal: Refusal) => void;
  /** Writes what was noted so far; never throws. */
  flush: () => Promise<void>;
  /** Writes what was noted, for good. */
  close: () => Promise<void>;
};

/** Refusals of one caller, of one thing, with one code, within a minute are one row. */
const WINDOW_MS = 60_000;
/** Rows of one window: who has many addresses could else fill the log with one row each. */
const MAX_ROWS = 1_000;
const MAX_ABOUT = 10;
const MAX_ABOUT_CHARACTERS = 200;
/** Who stands for those for whom there was no row left. */
const OTHERS = 'others';

type Counted = {
  identity: Refusal['identity'];
  what: string;
  code: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
  about: Set<string>;
};

/**
 * Counts refusals and tells the audit log of them, one row for each caller, thing and code of a minute: a flood of them is one row with its
 * number. Callers who have not signed in are told apart by their address. What can't be written is tried again with the next minute's.
 *
 * @param service named in each action: `service.what.refused`
 * @param write puts rows where the audit log has them from
 */
export function openRefusals(options: {
  service: string;
  write: (entries: AuditEntry[]) => Promise<void>;
  logger: Logger;
  now: () => Date;
  /** @default a minute */
  windowMs?: number;
  /** @default 1,000 */
  maxRows?: number;
}): Refusals {
  const { service, write, logger, now, windowMs = WINDOW_MS, maxRows = MAX_ROWS } = options;
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const add = (fresh: Counted): void => {
    const { sub, origin } = fresh.identity;
    const own = JSON.stringify([sub, isAnonymous(fresh.identity) ? origin : null, fresh.what, fresh.code]);
    const hasRoom = counted.has(own) || counted.size < maxRows;
    const key = hasRoom ? own : OTHERS;
    const held = counted.get(key);
    if (held === undefined) {
      const others = { identity: { sub: OTHERS, name: OTHERS, origin: null }, what: OTHERS, code: 'VARIOUS' };
      counted.set(key, hasRoom ? fresh : { ...fresh, ...others, about: new Set() });
      return;
    }
    held.count += fresh.count;
    if (fresh.firstAt < held.firstAt) held.firstAt = fresh.firstAt;
    if (fresh.lastAt > held.lastAt) held.lastAt = fresh.lastAt;
    for (const one of hasRoom ? fresh.about : []) if (held.about.size < MAX_ABOUT) held.about.add(one);
  };

  const entryOf = ({ identity, what, code, count, firstAt, lastAt, about }: Counted): AuditEntry => ({
    ...{ at: firstAt, actor: identity.name, sub: identity.sub, origin: identity.origin },
    action: `${service}.${what}.refused`,
    target: about.size === 1 ? ([...about][0] ?? null) : null,
    after: { code, count, lastAt: lastAt.toISOString(), ...(about.size > 1 && { about: [...about] }) },
  });

  const later = (): void => {
    timer ??= setTimeout(() => void flush(), windowMs).unref();
  };
  const writeAll = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const taken = [...counted.values()];
    if (taken.length === 0) return;
    counted = new Map();
    try {
      await write(taken.map(entryOf));
    } catch (err) {
      logger.warn({ err, refusals: taken.length }, 'the audit log could not be told of refusals, trying again');
      for (const one of taken) add(one);
      later();
    }
  };
  const flush = (): Promise<void> => {
    writing = writing.then(writeAll);
    return writing;
  };

  return {
    note: ({ identity: { sub, name, origin }, what, code, about }) => {
      const at = now();
      const told = about == null ? [] : [about.slice(0, MAX_ABOUT_CHARACTERS).replaceAll('\0', '')];
      add({ identity: { sub, name, origin }, what, code, count: 1, firstAt: at, lastAt: at, about: new Set(told) });
      later();
    },
    flush,
    close: async () => {
      await flush();
      clearTimeout(timer);
    },
  };
}

/** Of a service that has nowhere to tell of them. */
export const UNTOLD: Refusals = { note: () => {}, flush: () => Promise.resolve(), close: () => Promise.resolve() };
