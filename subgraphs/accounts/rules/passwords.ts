/** NIST SP 800-63B §5.1.1.2 asks for 8 and advises more where the password is all there is; it forbids rules of composition. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;
/** What has more UTF-16 units than this is not even normalized: NFKC makes 18 characters of one (U+FDFA), and megabytes of them hold up everybody. */
export const MAX_PASSWORD_UNITS = 4 * MAX_PASSWORD;

/** The form in which passwords are hashed (SP 800-63B §5.1.1.2): the same text typed on two keyboards is one password. */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

/** What is wrong with a password, for people; null when nothing is. Characters are code points, as SP 800-63B counts them. */
export function passwordFault(password: string, email: string): string | null {
  if (password.length > MAX_PASSWORD_UNITS) return `must have at most ${MAX_PASSWORD} characters`;
  const { length } = [...normalizePassword(password)];
  if (length < MIN_PASSWORD) return `must have at least ${MIN_PASSWORD} characters, and has ${length}`;
  if (length > MAX_PASSWORD) return `must have at most ${MAX_PASSWORD} characters, and has ${length}`;
  if (normalizePassword(password).toLowerCase() === email) return 'must not be the e-mail';
  if (new Set(password).size === 1) return 'must not be one character again and again';
  return null;
}
