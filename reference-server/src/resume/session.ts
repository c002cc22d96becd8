import { ack, auth, bye, hello, ping, resume } from '@parley/schemas'
import type { Client } from '../client.ts'
import type { Awaitable } from '../directory.ts'
import { handleFrame } from '../dispatch.ts'
import type { Frame } from '../frame.ts'
import type { Engine } from '../handler.ts'
import { refuse, writeMessage, type Subject } from '../reply.ts'
import { withoutNumbers } from './hop-member.ts'
import { sessionBytes } from './option.ts'
import { neverSent, Sequence } from './sequence.ts'
import { UnnumberedClient } from './unnumbered-client.ts'

/** Messages of a client that are about its connection: seq.unnumbered. */
const connectionTypes: ReadonlySet<unknown> = new Set(
  [hello, auth, ping, bye, resume, ack].map(({ type }) => type),
)

/** Messages that may come before they are acknowledged without waiting for the next sweep. */
const mostUnannounced = 32

/** The numbers of a client for which `resume` is in force: what it says comes in through here, and what it is told goes out. */
export class Session {
  readonly sequence = new Sequence()
  /** Whether a connection has resumed it. */
  resumed = false
  readonly #client: Client
  readonly #unnumbered: UnnumberedClient
  readonly #engine: Engine
  readonly #bytes: number

  constructor(client: Client, engine: Engine) {
    this.#client = client
    this.#unnumbered = new UnnumberedClient(client)
    this.#engine = engine
    this.#bytes = sessionBytes(engine.options)
  }

  /** Whether nothing has happened in it yet that another session could not take the place of. */
  get isFresh(): boolean {
    return !this.resumed && this.sequence.received === 0
  }

  /** Whether more is kept than the session may have: resume.buffer. */
  get isOverfull(): boolean {
    return this.sequence.keptBytes > this.#bytes
  }

  /** Numbers a message to the client, and keeps it until it is acknowledged. */
  number(frame: Frame): Frame {
    return this.sequence.number(frame)
  }

  /** Acknowledges what has come, unless that has been done. */
  acknowledge(): void {
    if (this.sequence.unannounced === 0) return
    this.#client.sendUnnumbered(writeMessage(ack.type, { ack: this.sequence.announce() })) // ack.sent
  }

  /**
   * Handles one frame of the client.
   *
   * @returns When it has taken effect.
   */
  handle(frame: Buffer): Awaitable<void> {
    const engine = this.#engine
    const text = frame.toString()
    const message = frame.length > engine.options.messageBytes ? undefined : parse(text)
    // seq.taken: what is refused unread takes no number
    if (message === undefined || connectionTypes.has(message['type']))
      return handleFrame(frame, this.#unnumbered, engine)
    const numbered = withoutNumbers(text)
    if (numbered === undefined || !isNumber(numbered.seq)) {
      refuse(this.#unnumbered, message, 'bad-message', 'seq has to be an integer from 1, once') // seq.missing
      return undefined
    }
    return this.#take(message, numbered.seq, numbered.ack, numbered.frame)
  }

  #take(message: Subject, seq: number, acknowledged: unknown, frame: Buffer): Awaitable<void> {
    const { sequence } = this
    const next = sequence.received + 1
    switch (sequence.take(seq)) {
      case 'seen':
        return undefined
      case 'gap':
        this.#client.fail('seq-gap', `Number ${seq} came where ${next} was due`)
        return undefined
      case 'next':
    }
    if (sequence.unannounced >= mostUnannounced) this.acknowledge()
    if (acknowledged !== undefined && acknowledged !== 0 && !isNumber(acknowledged)) {
      refuse(this.#client, message, 'bad-message', 'ack has to be an integer from 0')
      return undefined
    }
    if (acknowledged !== undefined && !sequence.acknowledge(acknowledged)) {
      refuse(this.#client, message, 'unexpected-message', neverSent) // ack.beyond
      return undefined
    }
    return handleFrame(frame, this.#client, this.#engine)
  }
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

/** The object that a text is, if it is one. */
function parse(text: string): Subject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Subject)
      : undefined
  } catch {
    return undefined
  }
}
