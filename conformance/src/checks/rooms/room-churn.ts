import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { departures } from '../scene/departure.ts'
import { enter, leaveRoom, needsRooms, placesFor } from '../scene/membership.ts'
import { numbered } from '../scene/stream.ts'

/** Sentences that a walk can show to be broken. */
type Churned =
  | 'rooms.members'
  | 'rooms.peer-joined'
  | 'rooms.update'
  | 'rooms.left-once'
  | 'rooms.several'
  | 'delivery.no-gap'

/** What stands for a member without data. */
const noData = Symbol('no data')

/** Members of a room with their data. */
type View = Map<string, unknown>

/** A member of the crowd: its present client, and which rooms it is in with which data. */
interface Walker {
  client: Endpoint
  readonly rooms: Map<string, unknown>
  /** How many frames its client had got when the round began: what it knew by then was right. */
  settled: number
  /** Its peer id and its rooms then. */
  was: { readonly peer: string; readonly rooms: ReadonlySet<string> }
}

/** A difference between what a member has been told and what is. */
interface Finding {
  readonly requirement: Churned
  readonly expected: string
  readonly actual: string
}

const rounds = 8

/** Walks of a run, each with draws of its own; every check judges all of them. */
const walks = ['first walk', 'second walk']

/** What a client has been told of a room: its last `joined`, and presence since. */
function viewOf(client: Endpoint, room: string): View {
  const view: View = new Map()
  for (const { message } of client.log) {
    if (message['room'] !== room) continue
    const member = message['member'] as Wire | undefined
    if (message['type'] === 'joined') {
      view.clear()
      for (const each of message['members'] as Wire[]) view.set(String(each['peer']), dataOf(each))
    } else if (message['type'] === 'left') view.clear()
    else if (message['type'] === 'peer-left') view.delete(String(message['peer']))
    else if (member) view.set(String(member['peer']), dataOf(member))
  }
  return view
}

function dataOf(member: Wire): unknown {
  return 'data' in member ? member['data'] : noData
}

/** Which sentence is broken where a member's view differs from the truth. */
function difference(walker: Walker, room: string, crowd: readonly Walker[]): Finding | undefined {
  const { client } = walker
  const view = viewOf(client, room)
  const joined = client.all('joined', (m) => m.room === room).at(-1)
  const listed = new Set(joined?.members.map(({ peer }) => peer))
  for (const other of crowd) {
    if (other === walker || !other.rooms.has(room)) continue
    const { peer, name } = other.client
    const told = client.all('peer-joined', (m) => m.room === room && m.member.peer === peer).length > 0
    if (!view.has(peer)) {
      const requirement = told || listed.has(peer) ? 'rooms.several' : 'rooms.peer-joined'
      return {
        requirement,
        expected: `${name} known to ${client.name}, as both are members`,
        actual: 'it is not',
      }
    }
    const [due, shown] = [other.rooms.get(room), view.get(peer)]
    if (isDeepStrictEqual(due, shown)) continue
    return {
      requirement: sourceOf(walker, room, peer),
      expected: `${name} with ${words(due)} at ${client.name}`,
      actual: `it has ${words(shown)}`,
    }
  }
  for (const peer of view.keys()) {
    if (peer === client.peer) continue
    if (crowd.some((other) => other !== walker && other.client.peer === peer && other.rooms.has(room)))
      continue
    // Who has gone in this very round may have been there when it was listed.
    const wasThere = crowd.some(({ was }) => was.peer === peer && was.rooms.has(room))
    const requirement = listed.has(peer) && !wasThere ? 'rooms.members' : 'rooms.left-once'
    return {
      requirement,
      expected: `only present members known to ${client.name}`,
      actual: `it knows ${peer}, which has gone`,
    }
  }
  return undefined
}

/** What should have told of data that is not known: how its member came to be known, or, where that was before the round, an update. */
function sourceOf({ client, settled }: Walker, room: string, peer: string): Churned {
  const news = client.log.filter(({ index, message }) => index >= settled && message['room'] === room)
  const about = news
    .filter(({ message }) => (message['member'] as Wire | undefined)?.['peer'] === peer)
    .map(({ message }) => message['type'])
  if (about.includes('peer-updated')) return 'rooms.update'
  if (about.includes('peer-joined')) return 'rooms.peer-joined'
  return news.some(({ message }) => message['type'] === 'joined') ? 'rooms.members' : 'rooms.update'
}

function words(data: unknown): string {
  return data === noData ? 'no data' : `data ${clip(JSON.stringify(data))}`
}

/** Waits, frame by frame, until a member's view is the truth; returns what is still wrong when nothing more comes. */
async function converge(
  walker: Walker,
  room: string,
  crowd: readonly Walker[],
): Promise<Finding | undefined> {
  for (;;) {
    const finding = difference(walker, room, crowd)
    if (!finding) return undefined
    const { client } = walker
    const seen = client.log.length
    const more = client.waitFor(
      ({ index, message }) => index >= seen && message['room'] === room,
      finding.expected,
    )
    const silent = await more.then(
      () => false,
      (error: unknown) => {
        if (error instanceof CheckFailure) return true
        throw error
      },
    )
    if (silent) return difference(walker, room, crowd)
  }
}

/** One act of one walker, drawn by chance. */
async function act(
  t: CheckContext,
  walker: Walker,
  rooms: readonly string[],
  crowd: readonly Walker[],
): Promise<void> {
  const room = rooms[t.random.integer(rooms.length)] ?? ''
  const data = t.random.integer(10)
  const choice = t.random.integer(12)
  const { client } = walker
  if (!walker.rooms.has(room)) {
    const given = choice < 8 ? data : undefined
    await enter(t, client, room, given)
    walker.rooms.set(room, given ?? noData)
  } else if (choice < 4) {
    client.send({ type: 'update', room, data })
    walker.rooms.set(room, data)
  } else if (choice < 6) {
    await enter(t, client, room, data)
    walker.rooms.set(room, data)
  } else if (choice < 7) {
    await enter(t, client, room)
  } else if (choice < 9) {
    await leaveRoom(client, room)
    walker.rooms.delete(room)
  } else {
    const way = [departures.bye, departures.cut, departures.close][t.random.integer(3)] ?? departures.bye
    for (const other of crowd)
      if (other !== walker && other.rooms.has(room)) sendBurst(t, client, other.client, room)
    await way.go(t, client)
    walker.rooms.clear()
    walker.client = await t.client()
    walker.settled = 0
  }
}

function sendBurst(t: CheckContext, from: Endpoint, to: Endpoint, room: string): void {
  const call = t.callId()
  for (let number = 1; number <= 3; number += 1) from.send(numbered({ room, to: to.peer, call }, number))
}

/** Everybody who is in a room with somebody sends a marker, which has to arrive. */
async function exchange(
  t: CheckContext,
  crowd: readonly Walker[],
  rooms: readonly string[],
): Promise<Finding | undefined> {
  const findings = await Promise.all(
    rooms.flatMap((room) => {
      const present = crowd.filter((walker) => walker.rooms.has(room)).map(({ client }) => client)
      if (present.length < 2) return []
      return present.map((client, index) =>
        markerLost(t, client, present[(index + 1) % present.length] ?? client, room),
      )
    }),
  )
  return findings.find((finding) => finding !== undefined)
}

function markerLost(
  t: CheckContext,
  from: Endpoint,
  to: Endpoint,
  room: string,
): Promise<Finding | undefined> {
  return t.barrier(from, to, room).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof CheckFailure)) throw error
      return { requirement: 'delivery.no-gap', expected: error.expected, actual: error.actual }
    },
  )
}

/** A crowd comes, changes and goes by chance, several at a time; after each round every member's view has to be the truth. */
async function walk(t: CheckContext): Promise<Finding | undefined> {
  needsRooms(t, 2)
  const clients = await t.clients(placesFor(t, 5, 2))
  const crowd = clients.map((client): Walker => ({
    client,
    rooms: new Map(),
    settled: 0,
    was: { peer: client.peer, rooms: new Set() },
  }))
  const rooms = [t.room(), t.room()]
  for (let round = 0; round < rounds; round += 1) {
    for (const walker of crowd) {
      walker.settled = walker.client.log.length
      walker.was = { peer: walker.client.peer, rooms: new Set(walker.rooms.keys()) }
    }
    const acting = crowd.filter(() => t.random.integer(2) === 0)
    // Drawn before anything runs, so that a seed always gives the same walk.
    await Promise.all(acting.map((walker) => act(t, walker, rooms, crowd)))
    for (const room of rooms) {
      for (const walker of crowd) {
        const finding = walker.rooms.has(room) ? await converge(walker, room, crowd) : undefined
        if (finding) return finding
      }
    }
    const finding = await exchange(t, crowd, rooms)
    if (finding) return finding
  }
  return undefined
}

const judged: readonly (readonly [Churned, string])[] = [
  ['rooms.members', 'members in a crowd that comes and goes'],
  ['rooms.peer-joined', 'newcomers in a crowd that comes and goes'],
  ['rooms.update', 'data in a crowd that comes and goes'],
  ['rooms.left-once', 'leavers in a crowd that comes and goes'],
  ['rooms.several', 'two rooms of a crowd that comes and goes'],
  ['delivery.no-gap', 'messages in a crowd that comes and goes'],
]

/** Random walks: each check judges its own sentence only. */
export const roomChurnChecks: readonly Check[] = judged.map(([requirement, title]) =>
  check(
    requirement,
    title,
    async (t) => {
      const findings = await Promise.all(walks.map((name) => t.shared(name, walk))).catch(
        (error: unknown) => {
          if (error instanceof CheckFailure)
            return t.couldNotRun(`A walk could not go on, which other checks judge: ${error.message}`)
          throw error
        },
      )
      const finding = findings.find((each) => each?.requirement === requirement)
      if (finding) throw new CheckFailure(finding.expected, finding.actual)
    },
    { name: 'churn', lengthy: true },
  ),
)
