import type { Endpoint } from '../endpoint/endpoint.ts'
import { parseWire, stringOf } from '../endpoint/wire.ts'
import { ConnectError, type Link, type LinkEvents } from '../transport/transport.ts'

/** Codes of the fatal errors after which a session waits: resume.fatal. */
const survived: ReadonlySet<string> = new Set(['seq-gap', 'idle-timeout', 'too-slow'])

/** Ends a connection for good: with it a session that outlives it, and would wait in one of the places that a server has for those. */
export function leave(endpoint: Endpoint): void {
  const { numbers, peer, lastSent } = endpoint
  // Who has said hello and is not welcomed yet may have a session in a moment.
  const mayHaveSession = numbers !== undefined || (peer === '' && lastSent !== '')
  if (!isDone(endpoint) && !endpoint.closed && mayHaveSession) endpoint.send({ type: 'bye' })
  endpoint.close()
}

/** The code of the fatal error that a connection has had. */
function fatalCodeOf({ log }: Endpoint): string | undefined {
  const fatal = log.find(({ message }) => message['type'] === 'error' && message['fatal'] === true)
  return fatal && (stringOf(fatal.message, 'code') ?? '')
}

/** Whether a connection has ended, or is about to: a run that is repeated sends the same, whenever that comes. */
function isDone(endpoint: Endpoint): boolean {
  return endpoint.end !== undefined || fatalCodeOf(endpoint) !== undefined
}

/** Secrets of the sessions that may wait now: their connection has ended without a word, and no other one goes on with them. */
export function waitingSessions(endpoints: readonly Endpoint[]): ReadonlySet<string> {
  const waiting = new Set<string>()
  for (const endpoint of endpoints) {
    const { numbers, lastSent } = endpoint
    if (numbers === undefined || !isDone(endpoint) || parseWire(lastSent)?.['type'] === 'bye') continue
    const code = fatalCodeOf(endpoint)
    if (code === undefined || survived.has(code)) waiting.add(numbers.secret)
  }
  for (const endpoint of endpoints)
    if (endpoint.numbers !== undefined && !isDone(endpoint)) waiting.delete(endpoint.numbers.secret)
  return waiting
}

/**
 * Ends a session that waits, and that nobody wants any more.
 *
 * @param connect - Opens a connection.
 * @param patienceMs - How long the end of that connection is waited for.
 */
export async function endSession(
  secret: string,
  version: number,
  connect: (events: LinkEvents) => Promise<Link>,
  patienceMs: number,
): Promise<void> {
  const ignore = () => undefined
  let onEnd: () => void = ignore
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  try {
    const link = await connect({ onText: ignore, onForeign: ignore, onEnd })
    link.send(JSON.stringify({ type: 'hello', versions: [version], replaces: secret }))
    link.send(JSON.stringify({ type: 'bye' }))
    const timer = setTimeout(() => {
      link.abort()
    }, patienceMs)
    await ended
    clearTimeout(timer)
  } catch (error) {
    // Where nobody can connect nothing waits.
    if (!(error instanceof ConnectError)) throw error
  }
}
