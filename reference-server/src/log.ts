import { pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

/** Where the server writes what happens. Tokens and session secrets never come here: auth.not-logged. */
export interface Log {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** How much is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** How it is written: JSON lines, lines for people, or whichever suits the standard output. */
export type LogFormat = 'auto' | 'json' | 'pretty'

/** A log on the standard output. */
export function createLog(level: LogLevel, format: LogFormat): Log {
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY)
  const options = { level, base: null }
  return pretty ? pino(options, PinoPretty({ ignore: 'pid,hostname', sync: true })) : pino(options)
}
