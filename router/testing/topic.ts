/** Publishes to subscribers that may leave at any moment; `listeners` tells who is still there. */
export class Topic<T> {
  readonly #listeners = new Set<(event: T | null) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(event: T): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Ends every subscription from the publisher's side. */
  complete(): void {
    for (const listener of this.#listeners) listener(null);
  }

  subscribe(): AsyncIterableIterator<T, undefined> {
    const waiting: (T | null)[] = [];
    let waiter: PromiseWithResolvers<IteratorResult<T, undefined>> | null = null;
    const deliver = (): void => {
      if (waiter === null || waiting.length === 0) return;
      const event = waiting.shift() ?? null;
      if (event === null) this.#listeners.delete(listener);
      waiter.resolve(event === null ? { done: true, value: undefined } : { done: false, value: event });
      waiter = null;
    };
    const listener = (event: T | null): void => {
      waiting.push(event);
      deliver();
    };
    this.#listeners.add(listener);
    const end = (): Promise<IteratorResult<T, undefined>> => {
      this.#listeners.delete(listener);
      waiter?.resolve({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    };
    return {
      next: () => {
        waiter = Promise.withResolvers();
        const { promise } = waiter;
        deliver();
        return promise;
      },
      return: end,
      throw: end,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
