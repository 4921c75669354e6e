// What attackers put where text belongs, by what it is meant to break. None begins or ends with what is trimmed, so that what is stored can be
// told by the text itself.

const STATEMENTS = `'||pg_sleep(20)||'x'); drop table devices.devices cascade; --" $$; /* $1 */ or ''=' E'\\'' {"x","y"}`;
const NOTATIONS = `"}],"admin":true,"x":[{"\\u0000":"""" } removeDevice(id: "1") { removedId } # $.**?(@=="") {"$ne":null}`;
const TEMPLATES = `\${jndi:ldap://127.0.0.1:1389/a}{{7*7}}<%= 7*7 %>#{7*7}%s%n%x{0.__class__}`;

export const HOSTILE: Readonly<Record<string, string>> = {
  'a NUL, which PostgreSQL has no text for': 'a\u0000b',
  'halves of surrogate pairs': '\udfffa\ud800',
  'much text': 'x'.repeat(20_000),
  'line ends and a header': 'x\r\nSet-Cookie: session=1\r\n\r\nHTTP/1.1 200 OK',
  'parts of statements': STATEMENTS,
  'wildcards of LIKE, and a backslash at the end': '%_\\%\\_%\\',
  'parts of JSON, of a path in it and of GraphQL': NOTATIONS,
  'templates, formats and a look-up of a logger': TEMPLATES,
  'a path upwards, and a command of a shell': '../../../../etc/passwd%2e%2e%2f%00.png;`id`|$(id)&&id',
  'a part of a page': `<script>alert(1)</script><img src=x onerror=alert(1)>'"><svg/onload=alert(1)>`,
  'a formula of a spreadsheet': `=cmd|'/c calc'!A1`,
  'a name that objects inherit': '__proto__',
  'another one, which may be a name of ours': 'constructor',
  'text from right to left, of no width, and composed in two ways':
    '\u202e\u200btxt.exe\u200d\u2066\ufeffe\u0301\u00e9\ufdfa',
  'what takes some regular expressions for ever': `${'a'.repeat(30)}${' '.repeat(30)}@${'a.'.repeat(25)}!`,
};
