import type { Answer } from '../harness.ts';
import type { World } from './others.ts';
import type { Asked, Place } from './places.ts';

/** The document that asks for a field where it stands: at a root, or in a device. */
export function operationAt({ type }: Place, { args, field }: Asked, { display, core, plan }: World): string {
  if (['Query', 'Mutation', 'Subscription'].includes(type)) return `${type.toLowerCase()} ${args} { ${field} }`;
  const within: Record<string, string> = {
    EstateImportPlan: `estateImportPlan(id: "${plan}") { ${field} }`,
    Device: `device(id: "${display}") { ${field} }`,
    AudioCore: `device(id: "${core}") { ... on AudioCore { ${field} } }`,
    AudioComponent: `device(id: "${core}") { ... on AudioCore { component(name: "Gain") { ${field} } } }`,
  };
  const around = within[type];
  if (around === undefined) throw new Error(`say how a ${type} is come by: it has a field that takes text`);
  return `query ${args} { ${around} }`;
}

/** A refusal that quotes all of a long text is an answer as long as what was sent. */
const MAX_MESSAGE = 1_000;
const REFUSALS = ['BAD_USER_INPUT', 'NOT_FOUND', 'CURSOR_INVALID'];

/** Where a refusal must not tell what of it was wrong, or it concerns no place. */
const UNTOLD: Readonly<Record<string, readonly string[]>> = {
  'Mutation.login': ['INVALID_CREDENTIALS', 'TOO_MANY_ATTEMPTS'],
  'Mutation.register': ['TOO_MANY_ATTEMPTS'],
  'Mutation.changePassword': ['TOO_MANY_ATTEMPTS'],
};
/** What is refused for another place than that of the text. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'Mutation.changePassword(input.newPassword)': 'input.currentPassword',
  // What is to be taken back, or sealed, is looked for before the reason is read.
  'Mutation.undoDisplaySettings(input.reason)': 'input.id',
  'Mutation.undoDisplaySettings(input.idempotencyKey)': 'input.id',
  'Mutation.undoAudioControls(input.reason)': 'input.id',
  'Mutation.undoAudioControls(input.idempotencyKey)': 'input.id',
  'Mutation.revokeInvitation(reason)': 'id',
  'Mutation.sealArchivedDay(input.reason)': 'input.day',
};

/** Texts that are taken in and not shown in the answer, each with the reason. */
const UNSHOWN: readonly RegExp[] = [
  // Secrets.
  /password|input\.invitation\)|refreshToken|community|Key\)|plan\)|\.user\)/i,
  // The graph does not tell how a player is found.
  /appspace\.deviceId\)$/,
  // It stands in the audit log.
  /^Mutation\.(updateUser|inviteUser|endSessions)\(.*reason\)$/,
];

/** What is said of a place: `field` may lead to it through places of lists, and may stop before it. */
function isAbout({ path }: Place, field: string): boolean {
  const named = field.split('.').filter((part) => !/^\d+$/.test(part));
  return named.length > 0 && named.every((part, index) => part === path[index]);
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner);
}

type UserError = { field: string | null; code: string; message: string };

/** Those of the whole, and of each of many. */
function* userErrorsIn(value: unknown): Generator<UserError> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'userErrors') yield* inner;
    else yield* userErrorsIn(inner);
  }
}

function faultOfUserErrors(place: Place, errors: readonly UserError[]): string | null {
  const untold = UNTOLD[`${place.type}.${place.field.name}`] ?? [];
  for (const { field, code, message } of errors) {
    if (!/^[A-Z]+(_[A-Z]+)*$/.test(code)) return `no code: ${code}`;
    if (message.length > MAX_MESSAGE) return `a message of ${message.length} characters`;
    const isNamed = field !== null && (isAbout(place, field) || ELSEWHERE[place.name] === field);
    if (!isNamed && !untold.includes(code)) return `${code} of ${field}: ${message}`;
  }
  return null;
}

/** What is wrong with an answer to a hostile text; null where it was refused as it must be, or taken as it is. */
export function faultOf(place: Place, text: string, { data, errors = [] }: Answer): string | null {
  for (const { message, extensions } of errors) {
    const { code, field } = extensions ?? {};
    if (!REFUSALS.includes(String(code))) return `${code}: ${message.slice(0, 300)}`;
    if (message.length > MAX_MESSAGE) return `a message of ${message.length} characters`;
    const isNamed = typeof field === 'string' ? isAbout(place, field) : message.includes(place.path.at(-1) ?? '');
    if (!isNamed) return `${code} of ${field}: ${message.slice(0, 300)}`;
  }
  if (errors.length > 0 || place.type !== 'Mutation') return null;
  const userErrors = [...userErrorsIn(data.answer)];
  if (userErrors.length > 0) return faultOfUserErrors(place, userErrors);
  const isShown = [...textsIn(data.answer)].some((shown) => shown.includes(text));
  if (isShown || UNSHOWN.some((pattern) => pattern.test(place.name))) return null;
  return `taken, and not shown: ${JSON.stringify(data.answer).slice(0, 400)}`;
}
