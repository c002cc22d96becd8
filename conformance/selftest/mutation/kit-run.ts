import { runConformance, TargetProblem, type CheckVerdict } from '@parley/conformance'
import type { Situation } from './situation.ts'

/** Verdicts that leave a run incomplete. */
const undecided: ReadonlySet<CheckVerdict> = new Set(['could-not-run', 'inconclusive', 'kit-error'])

/** What a run of the kit found. */
export interface Finding {
  /** The first check that failed. */
  readonly failed?: string
  /** The first check that warned: a SHOULD is broken. */
  readonly warned?: string
  /** The first check that came to no judgement, though it comes to one against the sound server. */
  readonly unclear?: string
  /** The first check that saw nothing to judge, though it judges the sound server: a fault may hide from it. */
  readonly unobserved?: string
  /** Why the kit could not begin: it ends with exit code 4. */
  readonly refused?: string
}

/** What to run. */
export interface KitRun {
  readonly situation: Situation
  readonly url: string
  /** Ids of checks; all wire checks if there are none. */
  readonly checks: readonly string[]
  readonly signal: AbortSignal
  /** Makes the server begin to drain. */
  readonly drain: () => unknown
  /** Told of each verdict. */
  readonly onVerdict?: (check: string, verdict: CheckVerdict) => void
}

/**
 * Runs checks until the first one fails: one fault is enough.
 *
 * @param clear - Whether the check comes to a judgement against the sound server.
 */
export async function runKit(
  { situation, url, checks, signal, drain, onVerdict }: KitRun,
  clear: (check: string) => boolean,
): Promise<Finding> {
  const found = new AbortController()
  const finding: { failed?: string; warned?: string; unclear?: string; unobserved?: string } = {}
  const { promise: caught, resolve: stop } = deferred()
  const run = runConformance({
    url,
    tokens: situation.tokens,
    checks,
    peers: 'none',
    exhaustive: situation.look === 'patient',
    seed: 'mutation',
    ...(situation.look === 'drain' ? { drainCommand: drain } : {}),
    signal: AbortSignal.any([signal, found.signal]),
    onEvent: (event) => {
      if (event.type !== 'check' || found.signal.aborted) return
      const { id, verdict } = event.result
      onVerdict?.(id, verdict)
      if (verdict === 'fail') {
        finding.failed = id
        found.abort()
        stop()
      } else if (verdict === 'warn') finding.warned ??= id
      else if (undecided.has(verdict) && clear(id)) finding.unclear ??= `${verdict} ${id}`
      else if (verdict === 'not-observed' && clear(id)) finding.unobserved ??= id
    },
  })
  try {
    // What still waits when a check has failed ends with the server's process, and nobody waits for it.
    run.catch(() => undefined)
    await Promise.race([run, caught])
  } catch (cause) {
    if (!(cause instanceof TargetProblem)) throw cause
    return { refused: cause.message }
  }
  return finding
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
