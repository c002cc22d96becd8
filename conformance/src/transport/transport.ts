import type { SecureContext } from 'node:tls'
import type { AddressBook } from './address-book.ts'

/** How a connection's transport came to its end, in words that do not depend on the binding. */
export interface LinkEnd {
  /** Close code, where the binding has one and a close frame arrived; `undefined` for a plain end. */
  readonly code: number | undefined
  /** Text that came with the close, or the transport's error. */
  readonly reason: string
  /** Whether this side asked for the end. */
  readonly byUs: boolean
  /** Whether the other side ended it in the orderly way of the binding: with a close frame, whatever its code. */
  readonly orderly: boolean
}

/** What a link reports to its owner. Calls come one at a time, in the order of arrival. */
export interface LinkEvents {
  /** One frame of text arrived. */
  readonly onText: (text: string) => void
  /**
   * Something arrived that is no text frame (a binary one, say); `text` is what it holds, so that a server with this one fault can be
   * judged on.
   */
  readonly onForeign: (description: string, text: string) => void
  /** The other side has said, in the way of the binding, that it ends the connection; the transport's end is still to come. */
  readonly onClosing?: () => void
  /** The transport has ended; nothing follows. */
  readonly onEnd: (end: LinkEnd) => void
}

/** One WebSocket frame: RFC 6455, section 5.2. */
export interface WebSocketFrame {
  readonly opcode: number
  readonly fin: boolean
  readonly payload: Uint8Array
}

/** What only a WebSocket link can do, for the checks of that binding. */
export interface WebSocketControls {
  /** Subprotocol that the server selected, offered or not; empty when it selected none. */
  readonly subprotocol: string
  /** Extensions that the server selected, though none is offered; empty when there are none. */
  readonly extensions: string
  /** Writes one WebSocket frame exactly as given, masked as a client must. */
  writeFrame(frame: WebSocketFrame): void
  /** Resolves when the first ping of the server has come. */
  readonly pinged: Promise<void>
  /** Sends a ping and resolves when its pong has come. */
  ping(payload: string | Uint8Array): Promise<void>
}

/** One live connection as a duplex of text frames. */
export interface Link {
  /** Sends one frame of text. */
  send(text: string): void
  /** Stops reading from the transport, so that the server meets back-pressure. */
  pause(): void
  /** Reads again. */
  resume(): void
  /** Ends the connection in the orderly way of its binding; `code` is for one that has close codes, absent it is that of an ordinary end. */
  close(code?: number): void
  /** Cuts the connection without a word. */
  abort(): void
  /** Bytes handed to `send` that have not left this process. */
  readonly unsentBytes: number
  /** The WebSocket below, where there is one. */
  readonly webSocket: WebSocketControls | undefined
}

/** A proxy that connections go through. */
export interface Proxy {
  readonly url: URL
  /** Its URL without credentials, for people. */
  readonly shown: string
  /** Environment variable that names it. */
  readonly variable: string
}

/** How to reach a target. */
export interface ConnectOptions {
  /** Headers of the binding's handshake beyond its own. */
  readonly headers?: Readonly<Record<string, string>>
  /** Trusted certificate authorities, where they are others than Node's. */
  readonly secureContext?: SecureContext | undefined
  /** Goes through this proxy. */
  readonly proxy?: Proxy | undefined
  /** What the run knows of the addresses of host names; a connection on its own needs none. */
  readonly addresses?: AddressBook
  /** Accept any TLS certificate. */
  readonly insecure: boolean
  /** Milliseconds until an attempt counts as unanswered. */
  readonly timeoutMs: number
  /** Subprotocols to offer, for the checks that are about them; by default the one of Parley. */
  readonly subprotocols?: readonly string[]
  /** Answer the binding's own pings; on by default. */
  readonly answerPings?: boolean
  /** Gives up an attempt that is under way; has no effect on an open link. */
  readonly signal?: AbortSignal | undefined
}

/** Why a link could not be opened. */
export type ConnectProblem =
  'dns' | 'refused' | 'timeout' | 'tls' | 'http' | 'not-this-binding' | 'bad-url' | 'proxy' | 'network'

/** Thrown by {@link Transport.connect}. */
export class ConnectError extends Error {
  override name = 'ConnectError'
  /** What went wrong, for programs. */
  readonly problem: ConnectProblem
  /** HTTP status, where the server answered the handshake with one. */
  readonly status: number | undefined
  /** Whether the target took the connection below, and then said nothing. */
  readonly unanswered: boolean

  constructor(
    problem: ConnectProblem,
    message: string,
    options?: { cause?: unknown; status?: number; unanswered?: boolean },
  ) {
    super(message, { cause: options?.cause })
    this.problem = problem
    this.status = options?.status
    this.unanswered = options?.unanswered ?? false
  }

  /** Whether the server takes no more connections now, whatever they ask for: 429 (RFC 6585), or 503 (RFC 9110). */
  get isForNow(): boolean {
    return this.status === 429 || this.status === 503
  }
}

/** Turns the URLs of some schemes into links: one implementation for each binding. */
export interface Transport {
  /** Name of the binding, as the spec's chapter has it. */
  readonly binding: string
  /** URL schemes with their colon, as in `new URL(…).protocol`. */
  readonly schemes: readonly string[]
  /**
   * Opens a link.
   *
   * @throws {@link ConnectError} with a sentence for people.
   */
  connect(url: URL, options: ConnectOptions, events: LinkEvents): Promise<Link>
}
