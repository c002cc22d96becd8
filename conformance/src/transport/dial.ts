import { connect, isIP, type Socket } from 'node:net'
import type { AddressBook } from './address-book.ts'

/** How a TCP connection is opened. */
export interface DialOptions {
  readonly addresses: AddressBook
  /** Milliseconds that one address of several is given before the next is tried. */
  readonly attemptMs: number
  /** Ends the attempt, and the connection. */
  readonly signal: AbortSignal
}

/**
 * Opens a TCP connection to a host by whichever of its addresses answers (RFC 8305, without racing them).
 *
 * @param host - A name, or an IP address without brackets.
 * @throws The error of `net.connect`; an `AggregateError` where several addresses were tried.
 */
export async function dial(host: string, port: number, options: DialOptions): Promise<Socket> {
  const { addresses } = options
  const hadDead = addresses.knowsDead(host)
  try {
    return await attempt(host, port, options)
  } catch (error) {
    // What lives may have changed since it was noted.
    if (!hadDead || options.signal.aborted) throw error
    addresses.forget(host)
    return attempt(host, port, options)
  }
}

function attempt(host: string, port: number, { addresses, attemptMs, signal }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      signal,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptMs,
      lookup: addresses.lookup,
      noDelay: true,
    })
    // Its owner comes a turn later: an error until then must not be nobody's.
    socket.on('error', reject)
    socket.once('connect', () => {
      resolve(socket)
    })
    if (isIP(host)) return
    const noteDead = (address: string) => {
      addresses.noteDead(host, address)
    }
    socket.on('connectionAttemptFailed', noteDead)
    socket.on('connectionAttemptTimeout', noteDead)
  })
}
