import type { ErrorCode } from '@parley/schemas'
import { setTimeout as pause } from 'node:timers/promises'
import type { Patience } from '../endpoint/patience.ts'
import { attend, type Attendance } from '../target/preflight.ts'
import { TargetProblem } from '../target/target-problem.ts'
import { ConnectError, type ConnectOptions } from '../transport/transport.ts'
import { never, type TriggerSource } from './trigger.ts'

/** Milliseconds until the first and between the last attempts to find a server again. */
const [firstPauseMs, longestPauseMs] = [50, 1000]

/** Milliseconds between a run that could not begin and the next one, at least. */
const afterProblemMs = 250

/** Milliseconds that an attempt may take: the next one is as good. */
const attemptMs = 3000

/** Milliseconds after which the end of a kept connection may mean a restart; a server that drops each at once is not restarted each time. */
const keptMs = 1000

/** Close codes of a server that goes: RFC 6455, section 7.4.1, and the registry of IANA. */
const goingCodes: ReadonlySet<number | undefined> = new Set([undefined, 1001, 1012])

/** Fatal errors of a server that goes. */
const lastWords: ReadonlySet<string> = new Set<ErrorCode>(['internal', 'kicked'])

/** How a server is reached. */
export interface Reach {
  readonly url: URL
  readonly connect: ConnectOptions
  readonly patience: Patience
}

/**
 * Waits until a server was restarted. It stays connected and is told when that ends, so that a restart is seen at once, however short; while
 * the server is away it asks again and again, less and less often.
 *
 * @param problem - Why the last run could not begin: the wait is then for a server that answers, or fails in another way.
 */
export function restartOf(
  { url, connect, patience }: Reach,
  problem: TargetProblem | undefined,
): TriggerSource {
  const options = { ...connect, timeoutMs: Math.min(connect.timeoutMs, attemptMs) }
  return async (signal) => {
    // Where the problem came later than the connection, only a restart can mend it.
    let gone = problem?.cause instanceof ConnectError
    if (problem) await rest(afterProblemMs, signal)
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(1.5 * pauseMs, longestPauseMs)) {
      if (signal.aborted) return never
      const found = await tryAttend(() => attend(url, options, patience, signal))
      if (found instanceof TargetProblem) {
        if (problem && answersOtherwise(found, problem)) return 'restarted'
        gone = true
      } else {
        if (gone) {
          found.close()
          return 'restarted'
        }
        const began = performance.now()
        const end = await found.ended
        const kept = performance.now() - began > keptMs
        if (kept) pauseMs = firstPauseMs
        gone = kept && mayBeRestart(end)
      }
      await rest(pauseMs, signal)
    }
  }
}

function rest(ms: number, signal: AbortSignal): Promise<unknown> {
  return pause(ms, undefined, { signal }).catch(() => undefined)
}

async function tryAttend(come: () => Promise<Attendance>): Promise<Attendance | TargetProblem> {
  try {
    return await come()
  } catch (error) {
    if (error instanceof TargetProblem) return error
    throw error
  }
}

/** Whether something else is wrong with a server that is there. */
function answersOtherwise(found: TargetProblem, problem: TargetProblem): boolean {
  return !(found.cause instanceof ConnectError) && found.message !== problem.message
}

/**
 * A connection that a rule of the protocol ended says nothing of the server's own life: `auth-timeout`, say, for this one does not
 * authenticate.
 */
function mayBeRestart({ code, announced }: Awaited<Attendance['ended']>): boolean {
  return announced === undefined ? goingCodes.has(code) : lastWords.has(announced)
}
