import type { CallLogEntry } from './call-log.ts'

/** A call did not get to where it was waited for: it ended, ICE failed, or the time was up. */
export class CallWaitError extends Error {
  override readonly name = 'CallWaitError'
  /** What the call did until then. */
  readonly log: readonly CallLogEntry[]

  constructor(message: string, log: readonly CallLogEntry[]) {
    super(message)
    this.log = log
  }
}
