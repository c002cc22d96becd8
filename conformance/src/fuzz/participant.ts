import { capabilityOf, errorCodes } from '@parley/schemas'
import { noMessage } from '../endpoint/frame-fault.ts'
import { beyondInternetJson } from '../endpoint/json-text.ts'
import { schemaJudge } from '../endpoint/schema-judge.ts'
import { parseWire, stringOf, type Wire } from '../endpoint/wire.ts'
import { clip } from '../observer/frame-observer.ts'
import { indefinite } from '../observer/indefinite.ts'
import { isRelayed } from '../observer/relayed.ts'
import type { Link, LinkEnd } from '../transport/transport.ts'
import type { Reading } from './reading.ts'
import { Views } from './view.ts'
import type { Outcome, Seat, SentBy, WorldOf } from './world.ts'

/** What all clients of an episode share. */
export type World = WorldOf<Participant>

/** A frame that a participant has sent, and what came of it. */
export type Sent = SentBy<Participant>

/** A relayed message as it was delivered. */
export interface Delivery {
  readonly at: number
  readonly message: Wire
  readonly text: string
}

/** What `joined` has said of the members of a room. */
export interface Roll {
  readonly at: number
  readonly room: string
  readonly ref: string | undefined
  readonly peers: readonly string[]
}

const presenceTypes: ReadonlySet<string> = new Set(['peer-joined', 'peer-updated', 'peer-left'])
const outcomeTypes: ReadonlySet<string> = new Set([
  'welcome',
  'authenticated',
  'pong',
  'joined',
  'left',
  'ok',
  'error',
])

/** Failed authentications of which the last ends the connection (spec/authentication.md, auth.third-failure). */
const fatalFailures = 3

const tracePattern = /zqm[0-9a-z]{8}/g

/** One connection of an episode: what it has sent, what it was told, and when its stays in rooms were. */
export class Participant {
  readonly world: World
  /** For reports. */
  readonly name: string
  /** Number of its user; of one that does not authenticate, none. */
  readonly user: number | undefined
  link: Link | undefined
  peer = ''
  session = ''
  isAuthenticated = false
  /** Sends something else than `hello` first. */
  readonly isVisitor: boolean
  /** Frames that are not judged yet, in the order of sending. */
  sent: Sent[] = []
  /** Relayed messages from before that may still be delivered. */
  former: readonly Sent[] = []
  outcomes: Outcome[] = []
  deliveries: Delivery[] = []
  rolls: Roll[] = []
  readonly views: Views
  /** Stays that were certain when the model last agreed with what was said, and what the frames since then make of them. */
  settledSeats: ReadonlyMap<string, readonly Seat[]> = new Map()
  seats = new Map<string, Seat[]>()
  settledData: ReadonlyMap<string, unknown> = new Map()
  data = new Map<string, unknown>()
  /** Rooms that it was put out of without asking, since the model last agreed with what was said. */
  readonly shaken = new Set<string>()
  /** Failed authentications so far. */
  authFailures = 0
  /** From here on it may have ended, for a reason that is right. */
  doubtFrom = Infinity
  /** Why it may have ended, and whether it has to. */
  mayEnd: string | undefined
  mustEnd: Parameters<World['blame']> | undefined
  /** It has said, or done, what ends its connection, and sends nothing more. */
  isLeaving = false
  /** Every `hello` with which it began; only one that is beyond I-JSON may have been refused. */
  readonly greetings = new Set<Sent>()
  /** Reasons that `peer-left` may name for its end. */
  readonly endReasons = new Set<string>()
  fatal: string | undefined
  end: (LinkEnd & { readonly at: number; readonly time: number }) | undefined
  /** Reasons of `peer-left` that were told, by room. */
  readonly told = new Map<string, { readonly at: number; readonly reason: string }[]>()
  readonly #asked = new Set<string>()
  readonly #awaited = new Map<string, number>()

  constructor(world: World, name: string, user: number | undefined, isVisitor = false) {
    this.isVisitor = isVisitor
    this.world = world
    this.name = name
    this.user = user
    this.views = new Views(world, this)
    world.participants.push(this)
  }

  /** Its stays in a room. */
  readonly seatsOf = (room: string): readonly Seat[] => this.seats.get(room) ?? []

  /** Whether it has ever sent a good `join` of a room. */
  readonly hasAsked = (room: string): boolean => this.#asked.has(room)

  /** As whom it is authenticated. */
  get userName(): string | undefined {
    return this.isAuthenticated && this.user !== undefined ? this.world.users[this.user]?.user : undefined
  }

  /** Whether frames can be sent. */
  get isOpen(): boolean {
    return this.link !== undefined && this.end === undefined && this.fatal === undefined
  }

  /** Whether it may send. */
  get isActive(): boolean {
    return this.isOpen && !this.isLeaving && this.peer !== ''
  }

  /** Whether an outcome with `ref` is still to come. */
  get isAwaiting(): boolean {
    return this.#awaited.size > 0
  }

  /** Has it said why it ends from now on, rightly. */
  excuse(why: string, reason = 'lost'): void {
    this.doubtFrom = Math.min(this.doubtFrom, this.world.now)
    this.mayEnd ??= why
    this.endReasons.add(reason)
  }

  /** The same for what it does itself: it sends nothing more. */
  leave(why: string, reason?: string): void {
    this.excuse(why, reason)
    this.isLeaving = true
  }

  /** Takes down a frame that is about to be sent. */
  noteSent(reading: Reading): Sent {
    const at = this.world.tick()
    const { text, message, room, type, id } = reading
    const sent: Sent = {
      at,
      by: this,
      reading,
      outcome: undefined,
      ruling: undefined,
      deliveredAt: undefined,
    }
    this.sent.push(sent)
    this.world.note({ who: this.name, direction: '→', text })
    for (const [trace] of text.matchAll(tracePattern)) this.world.traces.set(trace, sent)
    if (type === 'join' && room !== undefined && message) this.#asked.add(room)
    if (id !== undefined && !reading.isUnread) this.#awaited.set(id, (this.#awaited.get(id) ?? 0) + 1)
    if (reading.bytes > this.world.limits.messageBytes) this.excuse('its message was too large')
    // Others may hear of its end before it hears that it has failed for the third time.
    if (type === 'auth' && this.authFailures + this.#failingAuths() >= fatalFailures)
      this.doubtFrom = Math.min(this.doubtFrom, at)
    if (type === 'bye' && reading.faults.length === 0 && !this.isVisitor) {
      this.leave('it said bye', 'bye')
      if (!reading.mayBeRefused)
        this.mustEnd = ['connection.bye', 'the end of the connection after bye', 'it was still open']
    }
    return sent
  }

  /** How many of the frames that are not judged yet authenticate as nobody, or as somebody else. */
  #failingAuths(): number {
    const { tokens } = this.world
    return this.sent.filter(({ reading: { type, message } }) => {
      if (type !== 'auth') return false
      const user = tokens.userOf(stringOf(message ?? {}, 'token') ?? '')
      return user === undefined || user !== this.user
    }).length
  }

  /** The connection has ended. */
  ended(end: LinkEnd): void {
    if (this.end) return
    this.world.note({
      who: this.name,
      direction: '·',
      text: `the connection ended${endWords(end, this.fatal)}`,
    })
    this.end = { ...end, at: this.world.tick(), time: performance.now() }
    this.doubtFrom = Math.min(this.doubtFrom, this.end.at)
    if (this.endReasons.size === 0) this.endReasons.add('lost')
    this.world.wake()
  }

  /** Something came that is no text frame. */
  foreign(description: string): void {
    this.world.blame('websocket.text', 'each message as one text message', `the server sent ${description}`)
  }

  /** A frame came. */
  receive(text: string): void {
    const { world } = this
    const at = world.tick()
    world.heardAt = at
    world.note({ who: this.name, direction: '←', text })
    const message = parseWire(text)
    const type = message && stringOf(message, 'type')
    if (!message || type === undefined) {
      world.blame(
        'frames.object',
        'a JSON object with a string type in every frame',
        `the server sent ${noMessage(text, message)}`,
      )
      return
    }
    if (this.fatal !== undefined)
      world.blame(
        'errors.fatal-ends',
        'nothing after a fatal error',
        `${indefinite(type)} came after the fatal ${this.fatal}`,
      )
    if (!this.#hasGoodShape(text, message, type)) return
    if (type !== 'welcome') this.#judgeSecrets(text)
    const room = stringOf(message, 'room')
    if (type === 'welcome') this.#welcomed(message)
    else if (type === 'authenticated') this.isAuthenticated = true
    else if (type === 'error') this.#failed(message, at)
    else if (room !== undefined && type === 'joined') this.#joined(room, message, at)
    else if (room !== undefined && type === 'left') this.views.left(room)
    else if (room !== undefined && presenceTypes.has(type)) this.#presence(room, type, message, at)
    else if (room !== undefined && isRelayed(type)) {
      if (this.views.mayHear(room, stringOf(message, 'from') ?? '', type))
        this.deliveries.push({ at, message, text })
    }
    if (outcomeTypes.has(type)) this.#outcome({ at, type, message, ref: stringOf(message, 'ref') })
    this.#judgeTraces(text, type)
    world.wake()
  }

  #hasGoodShape(text: string, message: Wire, type: string): boolean {
    const { world } = this
    if (!schemaJudge.knowsServerType(type) || capabilityOf(type) !== undefined) {
      world.blame(
        'capabilities.core-only',
        'only messages of Core',
        `the server sent a message of type ${clip(JSON.stringify(type))}`,
      )
      return false
    }
    const isRelay = isRelayed(type)
    if (isRelay && !('from' in message)) {
      world.blame('relay.from', 'the sender in from', `${indefinite(type)} was delivered without from`)
      return false
    }
    const invalid = schemaJudge.server(message)
    if (invalid !== undefined)
      world.blame('frames.shape', `${indefinite(type)} that its schema accepts`, invalid)
    const odd = isRelay ? undefined : beyondInternetJson(text, message)
    if (odd !== undefined)
      world.blame('frames.object', 'I-JSON in every frame', `${indefinite(type)} came with ${odd}`)
    return invalid === undefined
  }

  #judgeSecrets(text: string): void {
    const { world } = this
    for (const secret of world.secrets.secretsIn(text))
      if (secret !== this.session)
        world.blame('connection.secret-kept', "no other client's session secret", 'a frame carried one')
    if (!world.tokens.isEmpty && world.tokens.tokensIn(text).length > 0)
      world.blame('auth.not-echoed', 'no token in what the server sends', 'a frame carried one')
  }

  #welcomed(message: Wire): void {
    const { world } = this
    if (this.peer !== '') {
      world.blame('connection.second-hello', 'one welcome on a connection', 'a second one came')
      return
    }
    this.peer = stringOf(message, 'peer') ?? ''
    this.session = stringOf(message, 'session') ?? ''
    if (world.byPeer.has(this.peer))
      world.blame(
        'connection.peer-id',
        'a peer id that no other connection has or had',
        'one was given out twice',
      )
    if (this.session === this.peer || world.secrets.ownerOf(this.session) !== undefined)
      world.blame('connection.session-secret', 'a session secret of its own', 'one was given out twice')
    world.byPeer.set(this.peer, this)
    world.secrets.add(this.session, world.participants.indexOf(this))
    if (Object.keys(message['capabilities'] as object).length > 0)
      world.blame(
        'capabilities.only-named',
        'only capabilities that hello named and that exist',
        'welcome names others',
      )
  }

  #joined(room: string, message: Wire, at: number): void {
    this.views.joined(room, message, at)
    const peers = (message['members'] as readonly Wire[]).map((each) => stringOf(each, 'peer') ?? '')
    this.rolls.push({ at, room, ref: stringOf(message, 'ref'), peers })
  }

  #presence(room: string, type: string, message: Wire, at: number): void {
    this.views.presence(room, type, message)
    if (type !== 'peer-left') return
    const gone = this.world.byPeer.get(stringOf(message, 'peer') ?? '')
    if (!gone) return
    const told = gone.told.get(room) ?? []
    told.push({ at, reason: stringOf(message, 'reason') ?? '' })
    gone.told.set(room, told)
  }

  #failed(message: Wire, at: number): void {
    const { world } = this
    const code = stringOf(message, 'code') ?? ''
    const isFatal = message['fatal'] === true
    const known = Object.entries(errorCodes).find(([name]) => name === code)?.[1]
    if (known && (isFatal ? known.fatal === 'never' : known.fatal === 'always'))
      world.blame(
        'errors.fatal-flag',
        `${code} with fatal ${String(!isFatal)}`,
        `it came with fatal ${String(isFatal)}`,
      )
    if (!known && !code.includes('.'))
      world.blame('errors.code', 'a code of the table, or a reverse-domain one', `the code was ${clip(code)}`)
    if (!isFatal) return
    this.fatal = code
    this.doubtFrom = Math.min(this.doubtFrom, at)
  }

  #outcome(outcome: Outcome): void {
    this.outcomes.push(outcome)
    const { ref } = outcome
    if (ref === undefined) return
    const left = (this.#awaited.get(ref) ?? 0) - 1
    if (left > 0) this.#awaited.set(ref, left)
    else this.#awaited.delete(ref)
  }

  /** What one client wrote is seen by those alone for whom it was meant. */
  #judgeTraces(text: string, type: string): void {
    for (const [trace] of text.matchAll(tracePattern)) {
      const sent = this.world.traces.get(trace)
      if (!sent || sent.by === this || this.world.blamed) continue
      const { reading } = sent
      if (isRelayed(reading.type)) {
        if (reading.message?.['to'] !== this.peer)
          this.world.blame(
            'delivery.addressee',
            'a relayed message to reach the peer named in to alone',
            `${indefinite(type)} brought what another client had written to somebody else`,
          )
      } else if (
        (reading.type !== 'join' && reading.type !== 'update') ||
        !this.views.isMember(reading.room ?? '')
      )
        this.world.blame(
          'rooms.outsiders',
          'nothing of a room to an outsider',
          `${indefinite(type)} brought what a member had written for its room`,
        )
    }
  }

  /** Forgets what has been judged: what follows is held against what is known now. */
  settled(): void {
    this.sent = []
    this.outcomes = []
    this.deliveries = []
    this.rolls = []
    this.#awaited.clear()
    this.told.clear()
    this.shaken.clear()
    for (const view of this.views.all.values()) view.updates.clear()
  }
}

function endWords({ code, byUs }: LinkEnd, fatal: string | undefined): string {
  const how = code === undefined ? '' : ` with close code ${String(code)}`
  const why = fatal === undefined ? '' : ` after the fatal error ${fatal}`
  return `${byUs ? ' from our side' : ''}${how}${why}`
}
