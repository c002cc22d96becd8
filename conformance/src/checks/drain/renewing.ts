import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { marginMs } from '../ice-servers/ice-servers.ts'
import type { Notice } from './notice.ts'

const of = 'get-ice-servers'

/** The longest that anybody waits for the end of credentials here, in milliseconds. */
const longestMs = 60_000

/** Notes the ICE servers that come to a client, before it is told to go and after. */
export class ServersWatch {
  readonly #endpoint: Endpoint
  /** The last ones before `goaway`, and when they came, in milliseconds of `performance.now()`. */
  last: { readonly expiresInMs: unknown; readonly at: number } | undefined
  /** Whether others have come after it. */
  isRenewed = false

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    let isTold = false
    endpoint.onFrame(({ message: { type, expiresInMs } }) => {
      if (type === 'goaway') isTold = true
      if (type !== 'ice-servers') return
      if (isTold) this.isRenewed = true
      else this.last = { expiresInMs, at: performance.now() }
    })
  }

  /** Asks for them: those that follow come unasked. */
  async ask(): Promise<void> {
    await requestInTime(this.#endpoint, { type: of })
  }
}

/** ice.renewed: the credentials of who is let go on are renewed as before, where they would end while the server drains. */
export async function renewsMeanwhile(
  { member, servers }: { readonly member: Endpoint; readonly servers: ServersWatch | undefined },
  { inMs, sentAfter }: Notice,
): Promise<void> {
  if (servers === undefined) throw new Undecided('not-applicable', 'The server does not offer ice-servers')
  const { last } = servers
  if (typeof last?.expiresInMs !== 'number')
    throw new Undecided('not-applicable', 'The server has given no credentials that end')
  const { at, expiresInMs } = last
  const due = at + expiresInMs
  if (due > sentAfter + inMs)
    throw new Undecided(
      'not-applicable',
      `No credentials end while the server drains: they are good for ${String(expiresInMs)} ms, and it drains for ${String(inMs)} ms`,
    )
  const waitMs = due + marginMs - performance.now()
  if (waitMs > longestMs)
    throw new Undecided('not-observed', `The credentials are good for ${String(expiresInMs)} ms`)
  await member.comesWithin(() => servers.isRenewed, Math.max(0, waitMs))
  // What was sent before the ping is answered comes before the answer.
  if (!servers.isRenewed) await member.sync()
  if (servers.isRenewed) return
  const { code } = await requestInTime(member, { type: of })
  if (code !== undefined) throw new Undecided('not-observed', `The server gives no ICE servers: ${code}`)
  throw new CheckFailure(
    `ice-servers unasked after goaway, before the ${String(expiresInMs)} ms of the last one have passed`,
    'none had come when a ping after them was answered, and the connection went on',
  )
}
