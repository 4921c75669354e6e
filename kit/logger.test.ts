import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { createLogger } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): {
  text: string;
  line: Record<string, never>;
} {
  const written: string[] = [];
  write(
    createLogger({ name: 'test', level: 'info', destination: { write: (line: string) => void written.push(line) } }),
  );
  const text = written.join('');
  return { text, line: JSON.parse(text) };
}

const SECRETS = {
  community: 'hush-1',
  authKey: 'hush-2',
  privKey: 'hush-3',
  password: 'hush-4',
  secret: 'hush-5',
  token: 'hush-6',
  authorization: 'hush-7',
  secretKey: 'hush-8',
  pin: 'hush-9',
};

describe('the log', () => {
  it('shows no secret by its field, at the top or up to two levels down', () => {
    const target = { host: 'h', ...SECRETS, connection: SECRETS };
    const { text, line } = logged((logger) => logger.info({ ...SECRETS, target }, 'looked'));
    expect(text).not.toContain('hush');
    expect(line).toMatchObject({ name: 'test', msg: 'looked', community: '[redacted]', target: { host: 'h' } });
  });

  it('shows no secret in lines of a child logger', () => {
    expect(logged((logger) => logger.child({ service: 'x' }).warn({ target: SECRETS }, 'looked')).text).not.toContain(
      'hush',
    );
  });

  it('shows of an error its type, code, message, causes and where it arose, and nothing that hangs on it', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', password: 'hush' });
    const err = Object.assign(new TypeError('failed', { cause }), { parameters: ['hush'] });
    const { text, line } = logged((logger) => logger.error({ err }, 'it failed'));
    expect(line).toMatchObject({
      err: {
        type: 'TypeError',
        message: 'failed',
        stack: expect.stringContaining('logger.test.ts'),
        cause: { type: 'Error', code: 'ECONNREFUSED', message: 'refused' },
      },
    });
    expect(text).not.toContain('hush');
  });

  it('shows no password in an address, and no parameter of a statement', () => {
    const statement = new DrizzleQueryError('insert into t values ($1)', ['hush'], new Error('no'));
    const address = new Error('connect to postgres://museum:hush@db:5432/wheelhouse failed, redis://:hush@redis too');
    const { text } = logged((logger) => logger.error({ err: new Error('it failed', { cause: address }) }, 'it failed'));
    expect(text).toContain('postgres://museum:[redacted]@db:5432/wheelhouse failed, redis://:[redacted]@redis too');
    const failed = logged((logger) => logger.error({ err: statement }, 'it failed'));
    expect(failed.line).toMatchObject({
      err: { message: 'Failed query: insert into t values ($1)', cause: { message: 'no' } },
    });
    expect(text + failed.text).not.toContain('hush');
  });

  it('keeps a failed statement short', () => {
    const err = new DrizzleQueryError(`insert ${'x'.repeat(5_000)}`, ['parameter'], new Error('no'));
    expect(logged((logger) => logger.error({ err }, 'it failed')).text.length).toBeLessThan(4_000);
  });

  it('keeps every fault of wrong settings', () => {
    const message = Array.from({ length: 20 }, (_, index) => `SETTING_${index}: must be something else`).join('\n');
    expect(logged((logger) => logger.fatal({ err: new ConfigError(message) }, 'stopping')).line).toMatchObject({
      err: { message },
    });
  });

  it('takes what is no error, and errors that cause each other', () => {
    expect(logged((logger) => logger.error({ err: 'just text' }, 'odd')).line).toMatchObject({ err: 'just text' });
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    expect(logged((logger) => logger.error({ err: one }, 'odd')).text.length).toBeLessThan(4_000);
  });
});
