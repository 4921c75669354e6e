import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

/**
 * Names of fields whose values never reach a log line, at the top level and one level down.
 * pino replaces them before it writes, so that a careless `{ target }` leaks nothing.
 */
const SECRET_FIELDS = ['community', 'authKey', 'privKey', 'password', 'secret', 'token', 'authorization', 'key'];

/** A JSON-lines logger on stderr: stdout belongs to what a program was asked to print. */
export function createLogger(options: { name: string; level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
