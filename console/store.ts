/** A value that is watched: what React reads with useSyncExternalStore, and code outside of it as well. */
export type Store<Value> = {
  get: () => Value;
  set: (value: Value) => void;
  /** Calls `listener` after each change, until what it returns is called. */
  subscribe: (listener: () => void) => () => void;
};

export function createStore<Value>(initial: Value): Store<Value> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
