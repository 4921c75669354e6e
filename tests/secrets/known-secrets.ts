import { randomBytes } from 'node:crypto';

const secret = (what: string): string => `${what}-${randomBytes(8).toString('hex')}`;
const digits = (): string => `9${Array.from(randomBytes(9), (octet) => octet % 10).join('')}`;
/** What a Wheelhouse is given, and must keep to itself. */
export const SECRETS = {
  community: secret('community'),
  wrongCommunity: secret('wrong-community'),
  authKey: secret('auth-key'),
  privKey: secret('priv-key'),
  wrongAuthKey: secret('wrong-auth-key'),
  wrongPrivKey: secret('wrong-priv-key'),
  pin: digits(),
  wrongPin: digits(),
  refreshToken: secret('refresh-token'),
  wrongToken: secret('wrong-service-token'),
  serviceToken: secret('service-token'),
  secretKey: randomBytes(32).toString('hex'),
  nextSecretKey: randomBytes(32).toString('hex'),
  wrongPassword: secret('wrong-database-password'),
  adminPassword: secret('admin-password'),
};

/** Which secret stands in which of these texts, plain or in another form, with what stands around it. */
export function leaksIn(texts: Iterable<string>, secrets: ReadonlyMap<string, string>): string[] {
  const forms = [...secrets].flatMap(([name, value]) =>
    [value, encodeURIComponent(value), Buffer.from(value).toString('hex')].map((form) => ({ name, form })),
  );
  const leaks: string[] = [];
  for (const text of texts) {
    for (const { name, form } of forms) {
      const at = text.indexOf(form);
      if (at >= 0) leaks.push(`${name}: ${text.slice(Math.max(0, at - 200), at + form.length + 40)}`);
    }
  }
  return leaks;
}
