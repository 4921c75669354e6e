/** The Wheelhouse that `npm run console` asks, which `CONSOLE_ROUTER` names. @default http://localhost:4000 */
export const consoleRouter = (): string => process.env.CONSOLE_ROUTER ?? 'http://localhost:4000';
