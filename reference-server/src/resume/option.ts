import { about, integer } from '../option-field.ts'

/** The options about sessions that outlive their connection; part of the one table of options. */
export const resumeOptions = {
  resumeSeconds: about('resume', integer('N', 'time that a session waits for its client', 30, 1, 3600)),
  resumeBytes: about('resume', integer('N', 'unacknowledged bytes kept for a session', 1_048_576, 65_536)),
}

/**
 * Bytes that are kept for a session: room for two of the longest messages at least, so that none ends a session by itself.
 */
export function sessionBytes(options: {
  readonly resumeBytes: number
  readonly messageBytes: number
}): number {
  return Math.max(options.resumeBytes, 2 * options.messageBytes)
}
