import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { connect as connectTCP, isIP, type Socket } from 'node:net'
import { connect as connectTLS, type SecureContext } from 'node:tls'
import { readStun, stunLength, type StunMessage } from './stun-message.ts'
import type { TurnURL } from './turn-url.ts'

/** An answer: the bytes, which are signed, and what they say. */
export interface StunAnswer {
  readonly bytes: Buffer
  readonly message: StunMessage
}

/** A way to a STUN or TURN server. */
export interface StunChannel {
  /** Sends a request and waits for the answer to its transaction; a request over UDP is sent again, as RFC 8489, section 6.2.1 has it. */
  ask(request: Buffer, signal: AbortSignal): Promise<StunAnswer>
  close(): void
}

/** The way to a server cannot be had, or nothing comes back; the message says why. */
export class StunUnreachable extends Error {
  override readonly name = 'StunUnreachable'
}

const firstRetransmissionMs = 250

/**
 * Opens a way to a server.
 *
 * @param trust - Whom to trust for TLS; the usual authorities without.
 * @throws {@link StunUnreachable}
 */
export async function openStunChannel(
  url: TurnURL,
  trust: SecureContext | undefined,
  signal: AbortSignal,
): Promise<StunChannel> {
  try {
    return url.transport === 'udp' ? await overUDP(url) : await overStream(url, trust, signal)
  } catch (cause) {
    if (cause instanceof StunUnreachable) throw cause
    throw new StunUnreachable(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

async function overUDP({ host, port, transport }: TurnURL): Promise<StunChannel> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const answers = new Answers()
  socket.on('message', (bytes) => {
    answers.take(bytes)
  })
  socket.on('error', (error) => {
    answers.fail(new StunUnreachable(error.message))
  })
  // Connected, a socket is told that a port is closed.
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, address, resolve)
  })
  return {
    async ask(request, signal) {
      const answer = answers.to(request, signal, transport)
      let wait = firstRetransmissionMs
      let timer: NodeJS.Timeout | undefined
      const send = () => {
        socket.send(request)
        timer = setTimeout(send, wait)
        wait *= 2
      }
      send()
      try {
        return await answer
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => socket.close(),
  }
}

async function overStream(
  { host, port, transport }: TurnURL,
  trust: SecureContext | undefined,
  signal: AbortSignal,
): Promise<StunChannel> {
  if (transport === 'dtls') throw new StunUnreachable('DTLS is not spoken by this kit')
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const trusted = trust && { secureContext: trust }
  const socket: Socket =
    transport === 'tls' ? connectTLS({ host, port, ...servername, ...trusted }) : connectTCP({ host, port })
  const answers = new Answers()
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk])
    for (
      let length = stunLength(bytes);
      length !== undefined && bytes.length >= length;
      length = stunLength(bytes)
    ) {
      answers.take(bytes.subarray(0, length))
      bytes = bytes.subarray(length)
    }
  })
  await new Promise<void>((resolve, reject) => {
    const late = () => {
      reject(new StunUnreachable(`no connection over ${transport.toUpperCase()} in time`))
      socket.destroy()
    }
    signal.addEventListener('abort', late, { once: true })
    socket.once('error', reject)
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', late)
      resolve()
    })
  })
  socket.on('error', (error) => {
    answers.fail(new StunUnreachable(error.message))
  })
  socket.on('close', () => {
    answers.fail(new StunUnreachable('the server has ended the connection'))
  })
  return {
    ask(request, each) {
      const answer = answers.to(request, each, transport)
      socket.write(request)
      return answer
    },
    close: () => socket.destroy(),
  }
}

interface Waiting {
  readonly resolve: (answer: StunAnswer) => void
  readonly reject: (error: Error) => void
}

/** Answers on their way, by transaction. */
class Answers {
  readonly #waiting = new Map<string, Waiting>()
  #failure: Error | undefined

  take(bytes: Buffer): void {
    const message = readStun(bytes)
    if (message === undefined) return
    const key = message.transaction.toString('hex')
    this.#waiting.get(key)?.resolve({ bytes, message })
    this.#waiting.delete(key)
  }

  fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  to(request: Buffer, signal: AbortSignal, transport: string): Promise<StunAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      const late = () => {
        reject(new StunUnreachable(`no answer over ${transport.toUpperCase()} in time`))
      }
      if (signal.aborted) {
        late()
        return
      }
      signal.addEventListener('abort', late, { once: true })
      const leave = () => {
        signal.removeEventListener('abort', late)
      }
      this.#waiting.set(readTransaction(request), {
        resolve: (answer) => {
          leave()
          resolve(answer)
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      })
    })
  }
}

function readTransaction(request: Buffer): string {
  return request.subarray(8, 20).toString('hex')
}
