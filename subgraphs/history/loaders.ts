import { callerError } from '@wheelhouse/kit/errors.ts';
import DataLoader from 'dataloader';

/** Loads for one subject with some arguments. */
export type SubjectLoader<Args, Value> = { load: (subject: string, args: Args) => Promise<Value> };

/** What one answer has at most of one kind, over all its devices and aliases: a page of a thousand devices with fifty of each. */
export const MAX_ITEMS = 50_000;

/** What is counted of a question, for a subject. */
export type ItemCount<Args> = {
  /** For people, in the plural: `points`. */
  what: string;
  /** The most that an answer about one subject has. */
  of: (args: Args) => number;
  /** The argument that makes it fewer. */
  field: string;
};

/**
 * A loader that asks for all subjects with the same arguments at once, so that a field of a hundred subjects costs what one costs.
 * Nothing is kept: events of one subscription come over hours. A request that asks one loader for more than MAX_ITEMS gets BAD_USER_INPUT
 * in place of what is too much.
 *
 * @param load one value for each subject; a subject that the map lacks gets `otherwise`
 */
export function subjectLoader<Args, Value>(
  load: (subjects: string[], args: Args) => Promise<ReadonlyMap<string, Value>>,
  otherwise: (subject: string) => Value,
  { what, of, field }: ItemCount<Args>,
): SubjectLoader<Args, Value> {
  type Key = { subject: string; args: Args };
  let asked = 0;
  const loadWithin = async (subjects: string[], args: Args): Promise<ReadonlyMap<string, Value>> => {
    asked += subjects.length * of(args);
    if (asked <= MAX_ITEMS) return load(subjects, args);
    const message = `the request asks for ${asked} ${what}, over all its devices and aliases, and ${MAX_ITEMS} are the most: ask for fewer`;
    throw callerError('BAD_USER_INPUT', message, field);
  };
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      const groups = Map.groupBy(keys, ({ args }) => JSON.stringify(args));
      const loading = new Map<string, Promise<ReadonlyMap<string, Value>>>();
      for (const [name, [first, ...others]] of groups) {
        if (first === undefined) continue;
        const subjects = new Set([first, ...others].map(({ subject }) => subject));
        const values = loadWithin([...subjects], first.args);
        // Each of its keys fails with it; one that fails before it is waited for is no accident.
        values.catch(() => {});
        loading.set(name, values);
      }
      return Promise.all(
        keys.map(async ({ subject, args }) => {
          try {
            const values = await loading.get(JSON.stringify(args));
            return values?.get(subject) ?? otherwise(subject);
          } catch (err) {
            return err instanceof Error ? err : new Error(String(err));
          }
        }),
      );
    },
    { cache: false },
  );
  return { load: (subject, args) => loader.load({ subject, args }) };
}
