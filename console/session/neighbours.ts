import type { Neighbours } from './session.ts';

const NAME = 'wheelhouse-session';

/** The other windows of this browser, by the Web Locks and Broadcast Channel APIs. Web Locks want a secure context: https, or this very machine. */
export function openNeighbours(): Neighbours {
  const channel = new BroadcastChannel(NAME);
  const locks = navigator.locks as LockManager | undefined;
  return {
    alone: (work) => (locks === undefined ? work() : locks.request(NAME, work)),
    tell: (news) => channel.postMessage(news),
    onNews: (listener) => channel.addEventListener('message', ({ data }) => listener(data)),
  };
}
