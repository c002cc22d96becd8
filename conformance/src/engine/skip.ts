import type { Peers } from '../peer/create-peers.ts'
import type { DrainMaker } from '../target/drain-command.ts'
import type { Target } from '../target/target.ts'
import type { Check } from './check.ts'
import { Silence } from './downfall.ts'
import { Undecided } from './failure.ts'

/** What decides whether a check is run. */
export interface Occasion {
  readonly target: Target
  readonly peers: Peers
  readonly signal: AbortSignal | undefined
  /** Makes the server begin to drain, where the user has said how. */
  readonly drainCommand: DrainMaker | undefined
  /** Whether the server answers nobody any more. */
  readonly silent: boolean
}

/** Why a check is not run, as what comes of it; `undefined` where it is. */
export function skipOf(check: Check, occasion: Occasion): Undecided | undefined {
  const { target, peers, signal, silent, drainCommand } = occasion
  const { capability, last } = check
  if (signal?.aborted) return new Undecided('could-not-run', 'The run was ended before this check')
  if (check.peers && peers.unavailable)
    return new Undecided('could-not-run', `No real peers: ${peers.unavailable}`)
  if (silent && !last) return new Undecided('could-not-run', new Silence().message)
  if (capability !== undefined && !target.offered.names.has(capability)) {
    const { problem } = target.offered
    return problem === undefined
      ? new Undecided('not-applicable', `The server does not offer the capability ${capability}`)
      : new Undecided('could-not-run', `What the server offers could not be asked: ${problem}`)
  }
  if (check.drains && drainCommand === undefined) return new Undecided('not-observed', howToDrain)
  return undefined
}

const howToDrain =
  'The server has to begin to drain for it: run with --drain-command CMD, where CMD makes it do so, such as "kill -TERM 4711"'
