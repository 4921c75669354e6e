import { type DestinationStream, type Logger, pino } from 'pino';
import { ConfigError } from './config.ts';

export type { Logger };

/**
 * Names of fields whose values never reach a log line, at the top level and two levels down.
 * pino replaces them before it writes, so that a careless `{ target }` leaks nothing.
 */
const SECRET_FIELDS = [
  'community',
  'authKey',
  'privKey',
  'password',
  'pin',
  'secret',
  'secrets',
  'secretKey',
  'serviceToken',
  'token',
  'refreshToken',
  'accessToken',
  'authorization',
  'cookie',
  'apiKey',
  'key',
];

/** An error's text without passwords in addresses, as database clients quote them, and without the parameters that Drizzle hangs on a statement. */
const withoutSecrets = (text: string): string =>
  text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:)[^\s/@]+@/gi, '$1[redacted]@').replace(/\nparams: [\s\S]*$/, '');

const MESSAGE_CHARACTERS = 300;
const STACK_LINES = 12;

/** An error as it is logged: short, and without what libraries hang on it, such as a failed statement's parameters. */
function serializeError(err: unknown, depth = 0): unknown {
  if (!(err instanceof Error)) return withoutSecrets(String(err)).slice(0, MESSAGE_CHARACTERS);
  return {
    type: err.name,
    ...('code' in err && { code: String(err.code) }),
    // Ours, and of no use unless it names every fault.
    message: err instanceof ConfigError ? err.message : withoutSecrets(err.message).slice(0, MESSAGE_CHARACTERS),
    ...(depth === 0 && {
      stack: err.stack
        ?.split('\n')
        .filter((line) => line.startsWith('    at '))
        .slice(0, STACK_LINES)
        .join('\n'),
    }),
    ...(err.cause !== undefined && depth < 3 && { cause: serializeError(err.cause, depth + 1) }),
  };
}

/** A JSON-lines logger on stderr: stdout belongs to what a program was asked to print. */
export function createLogger(options: { name: string; level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      serializers: { err: (err: unknown) => serializeError(err) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
