import { createLogger, type Logger } from '@wheelhouse/kit/logger.ts';
import { z } from 'zod';

/** What the person who typed `npm start` reads. */
export type Terminal = {
  say: (text: string) => void;
  /** Shows what is being done, and how long it took. */
  step: <T>(title: string, work: () => Promise<T>) => Promise<T>;
};

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

export function openTerminal(output: NodeJS.WritableStream): Terminal {
  // A terminal that was closed must not end the program before it has stopped its children.
  output.on('error', () => {});
  let isMidLine = false;
  const write = (text: string): void => {
    output.write(`${isMidLine ? '\n' : ''}${text}\n`);
    isMidLine = false;
  };
  return {
    say: write,
    async step(title, work) {
      const startedAt = performance.now();
      if (isMidLine) output.write('\n');
      output.write(`${title} ... `);
      isMidLine = true;
      try {
        const result = await work();
        if (isMidLine) output.write(`ready in ${seconds(startedAt)}\n`);
        else write(`  ready in ${seconds(startedAt)}`);
        isMidLine = false;
        return result;
      } catch (err) {
        if (isMidLine) output.write('failed\n');
        isMidLine = false;
        throw err;
      }
    },
  };
}

const waitingShape = z.object({ host: z.string(), reason: z.string() });

/** A logger that tells the person at the terminal what a wait is about, each reason once. */
export function waitingLogger(say: (text: string) => void, what = 'the database'): Logger {
  const said = new Set<string>();
  const write = (line: string): void => {
    const { data } = waitingShape.safeParse(JSON.parse(line));
    if (data === undefined || said.has(data.reason)) return;
    said.add(data.reason);
    say(`  waiting for ${what} at ${data.host}: ${data.reason}`);
  };
  return createLogger({ name: 'start', level: 'info', destination: { write } });
}
