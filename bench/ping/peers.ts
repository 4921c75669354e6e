/** Where addresses of the benchmark's network begin that answer, and that are silent. */
export const ANSWERING = '10.77.';
export const SILENT = '10.78.';

export type PingSetup = {
  hosts: number;
  deadPercent: number;
  seconds: number;
  rounds: number;
  profileFolder: string | null;
};
