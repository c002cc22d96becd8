import type { RunResult } from '../engine/result.ts'
import { plural } from '../report/words.ts'
import { TargetProblem } from '../target/target-problem.ts'
import { ConnectError } from '../transport/transport.ts'
import { exitCodes } from '../exit-code.ts'
import { nextTrigger, type Trigger, type TriggerSource } from './trigger.ts'

/** A server that is tested again and again while its author mends it. */
export interface Watched {
  /** Runs checks by their ids, all that the user chose when none is given, and shows what came of it. */
  readonly run: (only: readonly string[]) => Promise<RunResult>
  /** What becomes of a whole run: its reports. */
  readonly keep: (result: RunResult) => Promise<void>
  readonly exitCodeOf: (result: RunResult) => number
  readonly say: (text: string) => void
  /** What begins the next run. @param problem - Why the last one could not begin. */
  readonly triggers: (problem: TargetProblem | undefined) => readonly TriggerSource[]
  /** Ways to go on or end, as the user is told them. */
  readonly ways: string
  readonly signal: AbortSignal | undefined
}

interface Step {
  readonly exitCode: number
  /** Ids of the checks that fail. */
  readonly failed: readonly string[]
  readonly problem?: TargetProblem
}

/**
 * Tests a server whenever it was restarted: first what failed, and once that passes the whole run.
 *
 * @returns The exit code of the last verdict, when the user has seen enough.
 */
export async function watchServer(watched: Watched): Promise<number> {
  const { say, signal, ways } = watched
  let step: Step = { exitCode: exitCodes.conformant, failed: [] }
  for (;;) {
    step = await attempt(watched, step.failed)
    if (signal?.aborted) return step.exitCode
    say(`\nWaiting for the server: ${waitingWords(step)} ${ways}\n`)
    const trigger = await nextTrigger(watched.triggers(step.problem), signal)
    if (trigger === 'end') return step.exitCode
    say(`${reasons[trigger]}\n`)
  }
}

const reasons: Readonly<Record<Exclude<Trigger, 'end'>, string>> = {
  restarted: 'The server is back.',
  asked: 'Once more.',
  changed: 'A file has changed.',
}

function waitingWords({ failed, problem }: Step): string {
  if (problem) return 'the run begins when it answers.'
  if (failed.length === 0) return 'nothing fails; a restart begins the whole run again.'
  const words = failed.length === 1 ? 'the check that fails' : `the ${String(failed.length)} checks that fail`
  return `a restart begins ${words} again.`
}

async function attempt(watched: Watched, failed: readonly string[]): Promise<Step> {
  const { run, keep, exitCodeOf, say, signal } = watched
  try {
    if (failed.length > 0) {
      const first = await run(failed)
      const still = failing(first)
      if (still.length > 0 || signal?.aborted) return { exitCode: exitCodeOf(first), failed: still }
      say(
        `\n${plural(failed.length, 'check')} failed and ${failed.length === 1 ? 'does' : 'do'} not any more. Now all of them:\n`,
      )
    }
    const whole = await run([])
    await keep(whole)
    return { exitCode: exitCodeOf(whole), failed: failing(whole) }
  } catch (error) {
    if (!(error instanceof TargetProblem) || isNoAddress(error)) throw error
    say(`${error.message}\n`)
    const exitCode = error.kind === 'unreachable' ? exitCodes.unreachable : exitCodes.incomplete
    return { exitCode, failed, problem: error }
  }
}

/** No server will ever answer there. */
function isNoAddress({ cause }: TargetProblem): boolean {
  return cause instanceof ConnectError && cause.problem === 'bad-url'
}

/** What to look at first: with known failures those that are new. */
function failing({ checks, expectation }: RunResult): readonly string[] {
  return expectation?.newFailures ?? checks.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)
}
