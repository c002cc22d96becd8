import WebSocket from 'ws'
import type { Frame } from '../middleman.ts'
import { deferred } from './deferred.ts'

/** Messages that are acknowledged by one `ack`. */
const acknowledgedTogether = 5

/** What somebody wants to know of a session. */
export interface SessionEvents {
  /** A numbered message has come that has not come before. */
  readonly onMessage: (message: Frame) => void
  /** Something that no conforming server does. */
  readonly onFault: (fault: string) => void
}

/** A client of plain code that keeps to spec/resume.md: connects again whenever its connection is lost, and resumes. */
export class SessionClient {
  peer = ''
  /** Sessions that were resumed. */
  resumes = 0
  readonly #url: string
  readonly #events: SessionEvents
  readonly #welcomed = deferred()
  #secret = ''
  #socket: WebSocket | undefined
  #isLive = false
  #closed = false
  #last = 0
  #seen = 0
  #acknowledged = 0
  #kept: { readonly seq: number; readonly text: string }[] = []

  constructor(url: string, events: SessionEvents) {
    this.#url = url
    this.#events = events
    this.#connect()
  }

  /** Settles when the session has begun. */
  get welcomed(): Promise<void> {
    return this.#welcomed.promise
  }

  /** Messages that the server has not acknowledged. */
  get unacknowledged(): number {
    return this.#kept.length
  }

  /** Says something in the session, whether it has a connection at the moment or not. */
  send(message: Frame): void {
    this.#last += 1
    const text = JSON.stringify({ ...message, seq: this.#last })
    this.#kept.push({ seq: this.#last, text })
    if (this.#isLive) this.#socket?.send(text)
  }

  /** Ends the session. */
  close(): void {
    this.#closed = true
    if (this.#isLive) this.#socket?.send('{"type":"bye"}')
    this.#socket?.close()
  }

  #connect(): void {
    const socket = new WebSocket(this.#url, 'parley.v1', { perMessageDeflate: false })
    this.#socket = socket
    socket.on('open', () => {
      socket.send('{"type":"hello","versions":[1],"capabilities":{"resume":{}}}')
      // Without waiting for welcome: ack.client, resume.client.
      if (this.#secret !== '')
        socket.send(JSON.stringify({ type: 'resume', session: this.#secret, ack: this.#seen }))
    })
    socket.on('message', (data: Buffer) => {
      if (socket === this.#socket) this.#read(socket, JSON.parse(data.toString()) as Frame)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (socket !== this.#socket || this.#closed) return
      this.#isLive = false
      this.#connect()
    })
  }

  #read(socket: WebSocket, message: Frame): void {
    const { type, seq, ack } = message
    if (type === 'welcome' && this.#secret === '') this.#begin(message)
    else if (type === 'resumed') this.#goOn(socket, message)
    else if (message['code'] === 'resume-failed') this.#events.onFault('resume-failed')
    else if (message['fatal'] === true && message['code'] !== 'replaced')
      this.#events.onFault(`fatal ${String(message['code'])}`)
    // resume.client-forgets: before resumed nothing was said to this peer.
    if (!this.#isLive) return
    if (typeof ack === 'number') this.#kept = this.#kept.filter((each) => each.seq > ack)
    if (typeof seq !== 'number' || seq <= this.#seen) return
    if (seq !== this.#seen + 1) this.#events.onFault(`number ${String(seq)} after ${String(this.#seen)}`)
    this.#seen = seq
    this.#events.onMessage(message)
    if (seq < this.#acknowledged + acknowledgedTogether) return
    this.#acknowledged = seq
    socket.send(JSON.stringify({ type: 'ack', ack: seq }))
  }

  #begin(welcome: Frame): void {
    this.#secret = String(welcome['session'])
    this.peer = String(welcome['peer'])
    this.#isLive = true
    for (const { text } of this.#kept) this.#socket?.send(text)
    this.#welcomed.resolve()
  }

  #goOn(socket: WebSocket, { peer, ack }: Frame): void {
    if (peer !== this.peer) this.#events.onFault('resumed as another peer')
    this.resumes += 1
    this.#isLive = true
    for (const { seq, text } of this.#kept) if (seq > Number(ack)) socket.send(text)
  }
}
