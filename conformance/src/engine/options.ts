import type { PeerKind } from '../peer/create-peers.ts'
import type { DrainMaker } from '../target/drain-command.ts'
import type { TokenMaker } from '../target/token-source.ts'
import type { CheckResult, RunResult } from './result.ts'
import type { Check } from './check.ts'

/**
 * Options of a run. Only the URL is needed. The variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say whether connections go
 * through a proxy.
 */
export interface ConformanceOptions {
  /** Where the server listens: `ws://…` or `wss://…`. */
  readonly url: string | URL
  /**
   * Tokens of up to two users, each as itself, or as `env:NAME`, `file:PATH` or `command:COMMAND`. Needed where the server asks for
   * authentication; the second is for checks that take two users.
   */
  readonly tokens?: readonly string[]
  /**
   * Instead of `tokens`, where a token is good for one connection or for a short time: for each user a command, or a function, that gives a
   * fresh token of the same user each time. It is asked before every connection that authenticates; commands run up to four at once.
   */
  readonly tokenCommands?: readonly TokenMaker[]
  /**
   * Headers of the handshake, such as `Origin` or `Cookie`, by name: each value as itself, or the whole of it as `env:NAME`, `file:PATH` or
   * `command:COMMAND`. Unless known to be harmless they are kept out of every report.
   */
  readonly headers?: Readonly<Record<string, string>>
  /** Certificate authorities to trust besides those of Node: files in PEM, or PEM itself. */
  readonly ca?: readonly string[]
  /** Ids of checks or requirements to run; all by default. */
  readonly checks?: readonly string[]
  /**
   * Makes the server begin to drain, once and at the end of the run: a command for the shell, such as `kill -TERM 4711`, or a function. Without it
   * the checks of a server that drains are not observed.
   */
  readonly drainCommand?: DrainMaker
  /** Names of capabilities, such as `drain`: only their checks are run; by default those of Core, and of every capability that is offered. */
  readonly capabilities?: readonly string[]
  /** Runs only checks whose id or title contains this text. */
  readonly filter?: string | undefined
  /** Also run what costs more than an ordinary run may spend. */
  readonly exhaustive?: boolean
  /** Factor on every deadline; above 1 for slow machines. Default 1. */
  readonly timeoutScale?: number
  /**
   * Checks that run at the same time, and connections that are being opened at the same time, 1 to 128. By default 12, and more the longer a
   * round trip takes.
   */
  readonly concurrency?: number
  /** Which real peers to use. `none` leaves out the end-to-end checks, and the run incomplete. Default `wrtc`. */
  readonly peers?: PeerKind
  /** Accept any TLS certificate. */
  readonly insecure?: boolean
  /** Repeats names and payloads of an earlier run. */
  readonly seed?: string
  /** Ends the run early; what has not run is reported as could-not-run. */
  readonly signal?: AbortSignal
  /** Told of progress. */
  readonly onEvent?: (event: ConformanceEvent) => void
}

/** Progress of a run. */
export type ConformanceEvent =
  | {
      readonly type: 'start'
      readonly checks: readonly Check[]
      readonly roundTripMs: number
      /** URL of the proxy that connections go through, without credentials. */
      readonly proxy?: string
    }
  | { readonly type: 'check'; readonly result: CheckResult }
  | { readonly type: 'end'; readonly result: RunResult }
