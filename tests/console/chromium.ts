import { findProgram } from '@wheelhouse/standalone/programs.ts';
import { type Browser, chromium } from 'playwright-core';

export const DESK = { width: 1440, height: 900 };

/** Debian's own; the sandbox asks for rights that neither root nor a container has. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findProgram('chromium') ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
