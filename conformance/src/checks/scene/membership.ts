import { isDeepStrictEqual } from 'node:util'
import type { ServerMessageOf } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { unexpected } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { refusalWords } from '../../endpoint/mishap.ts'
import { requestInTime, retryAfterOf, wasTooOften } from '../../endpoint/retry.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { apart, clip } from '../../observer/clip.ts'
import { differenceOf } from './json-value.ts'

/** The reply to a join. */
export type Joined = ServerMessageOf<'joined'>

/** One member as `self`, `member` or `members` show it. */
export type ShownMember = Joined['self']

/** Bytes of data from which on they may be why a join is refused. */
const noticeableBytes = 100

/**
 * Joins a room and returns the reply. A server may refuse a join for coming too often; then it is sent again when the server says.
 */
export async function enter(
  t: CheckContext,
  member: Endpoint,
  room: string,
  data?: unknown,
): Promise<Joined> {
  const outcome = await tryEnter(t, member, room, data)
  if (outcome.type !== 'joined') {
    const bytes = data === undefined ? 0 : Buffer.byteLength(JSON.stringify(data))
    const holding = bytes > noticeableBytes ? ` with data of ${String(bytes)} bytes` : ''
    throw unexpected(outcome, `joined for the join of room ${clip(JSON.stringify(room))}${holding}`)
  }
  return outcome.message as unknown as Joined
}

/** Sends a join and returns its outcome, whatever it is but for coming too often. */
export async function tryEnter(
  t: CheckContext,
  member: Endpoint,
  room: string,
  data?: unknown,
): Promise<Outcome> {
  const outcome = await requestInTime(member, {
    type: 'join',
    room,
    ...(data === undefined ? {} : { data }),
  })
  const wait = retryAfterOf(outcome)
  if (wait !== undefined) t.notObserved(`The server asks to wait ${String(wait)} ms before the next join`)
  return outcome
}

/** Ends a check that sends joins without waiting, where the server refused one of them for coming too often. */
export function unlessJoinsLimited(...members: readonly Endpoint[]): void {
  if (!members.some(wasTooOften)) return
  throw new Undecided('not-observed', 'The server refused a join for coming too often')
}

/** Leaves a room and returns the reply. */
export async function leaveRoom(member: Endpoint, room: string): Promise<ServerMessageOf<'left'>> {
  const outcome = await presupposing('rooms.leave', member.request({ type: 'leave', room }))
  if (outcome.type !== 'left')
    throw Object.assign(unexpected(outcome, `left for the leave of a member`), {
      presupposes: 'rooms.leave',
    } as const)
  return outcome.message as unknown as ServerMessageOf<'left'>
}

/** Waits until a member has been told that another one has come. */
export function seesJoin(
  member: Endpoint,
  room: string,
  other: Endpoint | string,
  since = 0,
): Promise<ServerMessageOf<'peer-joined'>> {
  const peer = typeof other === 'string' ? other : other.peer
  const where = (m: ServerMessageOf<'peer-joined'>) => m.room === room && m.member.peer === peer
  const told = member.expect('peer-joined', where, `peer-joined about ${peer} at ${member.name}`, { since })
  return presupposing(
    'rooms.peer-joined',
    typeof other === 'string' ? told : unlessRefused(told, other, room),
  )
}

/** Waits for what others are told of a join: where nothing came, a refusal of the join says why. */
async function unlessRefused<T>(told: Promise<T>, joining: Endpoint, room: string): Promise<T> {
  try {
    return await told
  } catch (error) {
    const joined = joining.log.findLastIndex(
      ({ message }) => message['type'] === 'joined' && message['room'] === room,
    )
    const why = refusalWords(
      joining,
      ({ index, message }) => index > joined && message['of'] === 'join' && message['room'] === room,
      'its join',
    )
    if (why === undefined || !(error instanceof CheckFailure)) throw error
    throw error.inWords(error.expected, `${error.actual}; ${why}`)
  }
}

/** Waits until a member knows another one, in whichever of the two ways: what others judge, and this check only needs. */
export async function knowsOf(member: Endpoint, room: string, other: Endpoint): Promise<void> {
  const lists = ({ members }: Joined) => members.some(({ peer }) => peer === other.peer)
  if (member.all('joined', (m) => m.room === room).some(lists)) return
  await seesJoin(member, room, other).catch((error: unknown) => {
    if (!(error instanceof CheckFailure)) throw error
    throw new Undecided(
      'could-not-run',
      `${other.name} was not made known to ${member.name}: see rooms.peer-joined`,
    )
  })
}

/** Waits until a member has been told that another one has gone. */
export function seesLeave(
  member: Endpoint,
  room: string,
  other: Endpoint | string,
  since = 0,
): Promise<ServerMessageOf<'peer-left'>> {
  const peer = typeof other === 'string' ? other : other.peer
  const where = (m: ServerMessageOf<'peer-left'>) => m.room === room && m.peer === peer
  return presupposing(
    'rooms.left-once',
    member.expect('peer-left', where, `peer-left about ${peer} at ${member.name}`, { since }),
  )
}

/** Waits until a member has been told of another one's data. A server may repeat earlier data in between. */
export function seesData(
  member: Endpoint,
  room: string,
  other: Endpoint,
  data: unknown,
  since = 0,
): Promise<ServerMessageOf<'peer-updated'>> {
  return presupposing(
    'rooms.update',
    member.expect(
      'peer-updated',
      (m) =>
        m.room === room &&
        m.member.peer === other.peer &&
        'data' in m.member &&
        differenceOf(data, m.member.data, 'data') === undefined,
      `peer-updated about ${other.peer} with data ${clip(JSON.stringify(data))} at ${member.name}`,
      {
        since,
        like: ({ message: { type, room: where, member } }) => {
          const shown = member as Wire | undefined
          if (type !== 'peer-updated' || where !== room || shown?.['peer'] !== other.peer) return undefined
          return `one with ${'data' in shown ? `data ${clip(JSON.stringify(shown['data']))}` : 'no data'}`
        },
      },
    ),
  )
}

/** Fails unless a member is shown with exactly this data; `undefined` stands for none. */
export function expectData(shown: ShownMember | undefined, data: unknown, where: string): void {
  if (!shown) throw new CheckFailure(`the member in ${where}`, 'it is not there')
  const has = 'data' in shown
  if (data === undefined ? !has : has && differenceOf(data, shown.data, 'data') === undefined) return
  const [due, seen] = apart(data, shown.data)
  throw new CheckFailure(
    `${data === undefined ? 'no data' : `data ${due}`} in ${where}`,
    has ? `data is ${seen}` : 'it has no data',
  )
}

/** Fails unless `members` lists exactly these peers. */
export function expectMembers(reply: Joined, others: readonly (Endpoint | string)[], what = 'joined'): void {
  const expected = others.map((other) => (typeof other === 'string' ? other : other.peer)).toSorted()
  const actual = reply.members.map(({ peer }) => peer).toSorted()
  if (isDeepStrictEqual(actual, expected)) return
  throw new CheckFailure(`${what} with members ${listed(expected)}`, `members lists ${listed(actual)}`)
}

function listed(peers: readonly string[]): string {
  return peers.length === 0 ? 'nobody' : peers.join(', ')
}

/** Messages of a room that an endpoint has got from a place in its log on, errors left out. */
export function messagesOf(member: Endpoint, room: string, since = 0, until = Infinity): Wire[] {
  return member.log
    .filter(
      ({ index, message }) =>
        index >= since && index < until && message['room'] === room && message['type'] !== 'error',
    )
    .map(({ message }) => message)
}

/** The presence of a room that an endpoint has got, in order, its own `joined` among it. */
export function presenceAt(at: Endpoint, room: string): readonly (Wire & { readonly revision: number })[] {
  return messagesOf(at, room).filter(
    (message): message is Wire & { readonly revision: number } => typeof message['revision'] === 'number',
  )
}

/** The revision that a presence message follows at a member: not always of one that was asked for, as a server may tell again what is known. */
export function revisionBefore(at: Endpoint, room: string, revision: number): number | undefined {
  const told = presenceAt(at, room)
  return told[told.findIndex((message) => message.revision === revision) - 1]?.revision
}

/** Fails if an endpoint has got messages of a room. */
export function expectNothingOf(
  member: Endpoint,
  room: string,
  who: string,
  since = 0,
  until = Infinity,
): void {
  const [first] = messagesOf(member, room, since, until)
  if (first)
    throw new CheckFailure(
      `no message of the room to ${who}`,
      `a ${String(first['type'])} of it came to ${member.name}`,
    )
}

/** A limit as announced, where it is a sensible number. */
export function announcedLimit(
  t: CheckContext,
  name: 'membersPerRoom' | 'roomsPerPeer' | 'dataBytes' | 'messageBytes',
): number | undefined {
  const value: unknown = (t.target.welcome.limits as unknown as Wire | undefined)?.[name]
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}

/** How many clients a check may bring into one room: as many as it wants, or as many as the room has places for. */
export function placesFor(t: CheckContext, wanted: number, fewest: number): number {
  const places = Math.min(wanted, announcedLimit(t, 'membersPerRoom') ?? wanted)
  if (places < fewest)
    t.notApplicable(`This takes ${String(fewest)} members; a room has place for ${String(places)}`)
  return places
}

/** Ends the check where one peer may not be in that many rooms. */
export function needsRooms(t: CheckContext, rooms: number): void {
  const allowed = announcedLimit(t, 'roomsPerPeer')
  if (allowed !== undefined && allowed < rooms) {
    t.notApplicable(`This takes a peer in ${String(rooms)} rooms; the server allows ${String(allowed)}`)
  }
}

/** Data that differs from every other number's, and is within the announced limit. */
export function dataNumber(t: CheckContext, number: number): unknown {
  const data = { name: `peer ${String(number)}`, muted: number % 2 === 1, tags: [number, null, 'é€😀'] }
  return fits(t, data) ? data : number % 10
}

/** The value that is easily taken for no data at all, `null` where the announced limit has room for it. */
export function noData(t: CheckContext): unknown {
  return fits(t, null) ? null : 0
}

/** Whether data is within the announced limit. */
export function fits(t: CheckContext, data: unknown): boolean {
  const limit = announcedLimit(t, 'dataBytes')
  return limit === undefined || Buffer.byteLength(JSON.stringify(data)) <= limit
}

/** Every control character of ASCII: stores of text take U+0000 for an end, and others for white space. */
export const controlCharacters = String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code), 127)

/** One value of each kind that JSON has, and of those that are easily lost. */
export function dataKinds(t: CheckContext): unknown[] {
  const kinds: unknown[] = [
    null,
    0,
    false,
    true,
    '',
    [],
    {},
    -1.5,
    'é€😀 \u2028 "\\',
    { data: null, peer: 'x', '': [] },
    [[1, { a: 'b' }], null],
    1e21,
    { from: 'a', ref: 'b', type: 'c' },
    // Names that mean something to stores: each sort in a value of its own, so that a failure shows which.
    { $x: 1 },
    { 'com.example.x': 1, y: [{ '.': 'z' }] },
    controlCharacters,
    [' x ', '<b>&amp;</b>', 'a\r\nb\n', 'e\u0301\u00e9\u212b\ufb01', '\ufeff\u200d\uffff\u{10ffff}'],
  ]
  return kinds.filter((data) => fits(t, data))
}
