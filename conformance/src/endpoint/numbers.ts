import {
  ack,
  auth,
  authenticated,
  bye,
  goaway,
  hello,
  ping,
  pong,
  resume,
  resumed,
  welcome,
} from '@parley/schemas'
import type { Wire } from './wire.ts'

/** Messages that are about one connection: where `resume` is in force they carry no number, nor does what answers them. */
const connectionTypes: ReadonlySet<unknown> = new Set(
  [hello, welcome, auth, authenticated, ping, pong, bye, resume, resumed, ack, goaway].map(
    ({ type }) => type,
  ),
)

/** Whether a message is about one connection. */
export function isOfConnection(message: Wire): boolean {
  return connectionTypes.has(message['type'])
}

/** The number of a message, where it has one of the right form. */
export function numberOf({ seq }: Wire): number | undefined {
  return Number.isSafeInteger(seq) && (seq as number) > 0 ? (seq as number) : undefined
}

/** A message without what numbers it. */
export function withoutNumbers(message: Wire): Wire {
  if (isOfConnection(message)) return message
  const { seq: _seq, ack: _ack, ...rest } = message
  return rest
}

/** Both directions of one session, as its client knows them. */
export class Numbers {
  readonly peer: string
  readonly secret: string
  /** Every numbered message that the client has sent, in order; the first has number 1. */
  readonly sent: Wire[] = []
  /** Number of the last message of the server. */
  seen = 0

  constructor(peer: string, secret: string) {
    this.peer = peer
    this.secret = secret
  }

  /** Gives a message that the client sends its number, where it is to have one. */
  number(message: Wire): Wire {
    if (isOfConnection(message) || 'seq' in message) return message
    const numbered = { ...message, seq: this.sent.length + 1 }
    this.sent.push(numbered)
    return numbered
  }

  /** The same for a message in a spelling of its own. */
  numberText(text: string, message: Wire): string {
    const numbered = this.number(message)
    return numbered === message ? text : text.replace('{', `{"seq":${String(this.sent.length)},`)
  }

  /** Notes the number of a message of the server. */
  hear(message: Wire): void {
    if (numberOf(message) === this.seen + 1) this.seen += 1
  }
}
