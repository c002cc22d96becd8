import type { ServerRequirementId } from '../generated/requirement.ts'
import { stringOf } from '../endpoint/wire.ts'
import { isRelayed } from '../observer/relayed.ts'
import { permits, type Right } from '../target/grant.ts'
import type { Participant, Sent, World } from './participant.ts'
import type { Reading } from './reading.ts'
import type { Ruling } from './world.ts'

/** Whether something is so, as far as the model can tell. */
type Answer = 'yes' | 'no' | 'maybe'

/** What was found to apply to one frame. */
class Findings {
  refusedBy: ServerRequirementId | undefined
  readonly codes = new Set<string>()

  /** It has to be refused, with one of these codes. */
  must(requirement: ServerRequirementId, ...codes: readonly string[]): void {
    this.refusedBy ??= requirement
    this.may(...codes)
  }

  /** These codes apply, if the server sees it so. */
  may(...codes: readonly string[]): void {
    for (const code of codes) this.codes.add(code)
  }

  /** These codes apply when something is so. */
  where(answer: Answer, requirement: ServerRequirementId, ...codes: readonly string[]): void {
    if (answer === 'yes') this.must(requirement, ...codes)
    if (answer === 'maybe') this.may(...codes)
  }
}

/** Messages that need no authentication. */
const free: ReadonlySet<string> = new Set(['hello', 'auth', 'ping', 'bye'])

/** Says what may come of a frame: the seats of all participants have been worked out as far as outcomes are known. */
export function rule(world: World, sent: Sent): Ruling {
  const { reading, by } = sent
  const found = new Findings()
  for (const { requirement, codes } of reading.faults) found.must(requirement, ...codes)
  if (reading.mayBeRefused) found.may('bad-message')
  if (by.greetings.has(sent))
    return { refusedBy: undefined, codes: found.codes, mustBeAccepted: !reading.mayBeRefused }
  if (by.isVisitor) ruleFirst(found, reading)
  else ruleLater(world, sent, found)
  const { refusedBy, codes } = found
  return { refusedBy, codes, mustBeAccepted: refusedBy === undefined && codes.size === 0 }
}

/** The first frame of a connection. */
function ruleFirst(found: Findings, { message, type, faults }: Reading): void {
  const versions: unknown = message?.['versions']
  if (type !== 'hello') {
    const isNoMessage = faults.length > 0
    found.must('connection.hello-first', 'hello-required', ...(isNoMessage ? ['bad-message'] : []))
  } else if (faults.length > 0) found.may('hello-required', 'unsupported-version')
  else if (!Array.isArray(versions) || !versions.includes(1))
    found.must('versions.none-in-common', 'unsupported-version')
}

function ruleLater(world: World, sent: Sent, found: Findings): void {
  const { reading, by } = sent
  const { type, faults } = reading
  if (!world.isOpen && !by.isAuthenticated && !free.has(type)) {
    if (faults.length > 0) found.may('unauthenticated')
    else found.must('auth.required', 'unauthenticated')
  }
  if (type === 'hello') found.must('connection.second-hello', 'unexpected-message')
  else if (type === 'auth') ruleAuth(world, sent, found)
  else if (type === 'join') ruleJoin(world, sent, found)
  else if (type === 'leave') found.where(isOutside(sent), 'rooms.leave-not-in-room', 'not-in-room')
  else if (type === 'update') {
    found.where(isOutside(sent), 'rooms.update-not-in-room', 'not-in-room')
    ruleData(world, reading, found)
  } else if (isRelayed(type)) ruleRelay(world, sent, found)
}

function ruleAuth(world: World, { reading, by }: Sent, found: Findings): void {
  const { message } = reading
  found.may('rate-limited')
  const token = stringOf(message ?? {}, 'token') ?? ''
  const user = message?.['method'] === 'token' ? world.tokens.userOf(token) : undefined
  if (user !== undefined && user === by.user) return
  if (world.isOpen) found.must('auth.unsupported', 'auth-failed', 'unsupported-type')
  else if (user !== undefined && by.isAuthenticated) found.must('auth.user-mismatch', 'user-mismatch')
  else found.must('auth.failed', 'auth-failed')
}

function ruleJoin(world: World, sent: Sent, found: Findings): void {
  const { by, reading, at } = sent
  const room = reading.room ?? ''
  const until = sent.outcome?.at ?? world.now
  found.may('rate-limited')
  ruleData(world, reading, found)
  const isOutsider = isOutside(sent)
  if (!isAllowed(world, by, 'join', room)) found.must('auth.grants', 'forbidden')
  if (isOutsider === 'no') return
  const { roomsPerPeer, membersPerRoom } = world.limits
  if (roomsPerPeer !== undefined) {
    const rooms = [...by.seats.keys()].filter((each) => each !== room)
    const sure = rooms.filter((each) => memberAt(by, each, at) === 'yes').length
    const possible = rooms.filter((each) => memberAt(by, each, at) !== 'no').length
    if (sure >= roomsPerPeer && isOutsider === 'yes') found.must('limits.rooms', 'forbidden')
    else if (possible >= roomsPerPeer) found.may('forbidden')
  }
  if (membersPerRoom === undefined) return
  const others = world.participants.filter((each) => each !== by)
  const sure = others.filter((each) => world.isSurely(each, room, at, until)).length
  const possible = others.filter((each) => world.isPossibly(each, room, at, until)).length
  if (sure >= membersPerRoom && isOutsider === 'yes') found.must('rooms.full', 'room-full')
  else if (possible >= membersPerRoom) found.may('room-full')
}

function ruleRelay(world: World, sent: Sent, found: Findings): void {
  const { by, reading, at } = sent
  const room = reading.room ?? ''
  const until = sent.outcome?.at ?? world.now
  if (!isAllowed(world, by, 'send', room)) found.must('relay.forbidden', 'forbidden')
  const isOutsider = isOutside(sent)
  found.where(isOutsider, 'relay.not-in-room', 'not-in-room')
  if (isOutsider === 'yes') return
  const receiver = receiverOf(world, sent)
  if (!receiver || receiver === by || !world.isPossibly(receiver, room, at, until))
    found.where(isOutsider === 'no' ? 'yes' : 'maybe', 'relay.peer-not-found', 'peer-not-found')
  else if (!world.isSurely(receiver, room, at, until)) found.may('peer-not-found')
}

/** The participant that a relayed message is for. */
export function receiverOf(world: World, { reading }: Sent): Participant | undefined {
  return world.byPeer.get(stringOf(reading.message ?? {}, 'to') ?? '')
}

function ruleData({ limits }: World, { message, mayBeRefused }: Reading, found: Findings): void {
  if (limits.dataBytes === undefined || !message || !Object.hasOwn(message, 'data')) return
  const size = sizeOf(message['data'])
  if (size !== undefined && size <= limits.dataBytes && !mayBeRefused) return
  if (mayBeRefused || size === undefined) found.may('too-large')
  else found.must('limits.data', 'too-large')
}

/** Bytes of a value as RFC 8785 writes it; `undefined` where it is nested too deep to be written. */
function sizeOf(value: unknown): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isAllowed(world: World, by: Participant, right: Right, room: string): boolean {
  if (world.isOpen || by.user === undefined) return true
  return permits(world.users[by.user]?.grants, right, room)
}

function isOutside({ by, reading, at }: Sent): Answer {
  const answer = memberAt(by, reading.room ?? '', at)
  return answer === 'maybe' ? 'maybe' : answer === 'yes' ? 'no' : 'yes'
}

/**
 * Whether a client's own message finds it in a room. Its messages take effect in the order of sending, so that a join counts from its
 * sending on, as soon as it is known that it was accepted.
 */
function memberAt(by: Participant, room: string, at: number): Answer {
  if (by.shaken.has(room)) return 'maybe'
  const seats = by.seatsOf(room).filter((seat) => seat.from < at && at <= seat.until)
  if (seats.some(({ sure }) => sure !== Infinity)) return 'yes'
  return seats.length > 0 ? 'maybe' : 'no'
}
