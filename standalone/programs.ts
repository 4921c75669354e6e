import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';

/** Where Debian keeps daemons; a plain user's PATH lacks it. */
export const SYSTEM_FOLDERS: readonly string[] = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The file of an installed program, or null. */
export function findProgram(name: string): string | null {
  for (const folder of [...(environment.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
