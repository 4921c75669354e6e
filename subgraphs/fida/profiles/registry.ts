import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { type Profile, profileSchema } from './profile.ts';

const FOLDER = new URL('./displays/', import.meta.url);

async function load(file: string): Promise<Profile> {
  const loaded: unknown = await import(new URL(file, FOLDER).href);
  const { profile } = z.object({ profile: profileSchema }).parse(loaded);
  if (`${profile.id}.ts` !== file) throw new Error(`profiles/displays/${file} holds the profile "${profile.id}"`);
  return profile;
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));

/** Every profile by id. There is no list to keep: a file in displays/ is a profile. */
export const profiles: ReadonlyMap<string, Profile> = new Map(
  (await Promise.all(files.map(load))).map((profile) => [profile.id, profile]),
);

const isUnder = (oid: string, root: string): boolean => oid === root || oid.startsWith(`${root}.`);

/**
 * The profile of a display that says this of itself in MIB-2's system group, or null when none fits.
 * sysObjectID decides; sysDescr is asked only when no profile knows the sysObjectID.
 */
export function detectProfile(sysObjectID: string | null, sysDescr: string | null): Profile | null {
  const all = [...profiles.values()];
  const byObjectID = all.find(
    ({ detect }) => sysObjectID !== null && detect.sysObjectIDs.some((root) => isUnder(sysObjectID, root)),
  );
  const description = sysDescr?.toLowerCase() ?? '';
  return (
    byObjectID ??
    all.find(({ detect }) => detect.sysDescrTexts.some((text) => description.includes(text.toLowerCase()))) ??
    null
  );
}
