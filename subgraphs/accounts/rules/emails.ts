import { domainToASCII } from 'node:url';

/** RFC 5321 §4.5.3.1.3 leaves 254 between the brackets of a path. */
export const MAX_EMAIL = 254;

/**
 * The one form of an e-mail address, so that nobody has two accounts by writing it in two ways: no blanks around it, NFKC, lower case, and the domain
 * as DNS has it (RFC 5891). RFC 5321 lets a mailbox tell upper from lower case; none that is in use does. Null for what is no address.
 */
export function normalizeEmail(text: string): string | null {
  if (text.length > 4 * MAX_EMAIL) return null;
  const [, local, domain] = /^([^\s@]+)@([^\s@]+)$/u.exec(text.normalize('NFKC').trim().toLowerCase()) ?? [];
  if (local === undefined || domain === undefined || !local.isWellFormed() || /\p{Cc}/u.test(local)) return null;
  const ascii = domainToASCII(domain);
  const email = `${local}@${ascii}`;
  return ascii === '' || email.length > MAX_EMAIL ? null : email;
}
