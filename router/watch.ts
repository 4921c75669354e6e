import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Logger } from '@wheelhouse/kit/logger.ts';

/** Polled, not watched: it works on every file system, and for a file that is put in place by a rename or behind a link. */
const LOOK_MS = 1_000;

/** Gives the supergraph to `reload` whenever its file changes, and on SIGHUP; what is wrong with it goes to the log. */
export function watchSupergraph(
  file: string,
  reload: (sdl: string) => Promise<boolean>,
  logger: Logger,
): { close: () => void } {
  const look = async (): Promise<void> => {
    try {
      await reload(await readFile(file, 'utf8'));
    } catch (err) {
      logger.error({ err, file }, 'the changed supergraph is not served, the old one stays');
    }
  };
  const onLook = (): void => void look();
  watchFile(file, { interval: LOOK_MS, persistent: false }, onLook);
  process.on('SIGHUP', onLook);
  return {
    close: () => {
      unwatchFile(file, onLook);
      process.off('SIGHUP', onLook);
    },
  };
}
