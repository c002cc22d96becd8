import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { announcedLimit, leaveRoom, seesJoin, seesLeave, tryEnter } from './membership.ts'
import { hangupTo } from './negotiation-message.ts'

/** A second join of a member. */
interface Rejoin {
  readonly outcome: Outcome
  /** Who else is there. */
  readonly others: readonly Endpoint[]
}

/** What comes of a room in which every place is taken, in the order of the steps. */
export interface FullRoom {
  readonly places: number
  /** Of as many members as there are places. */
  readonly joins: readonly Outcome[]
  readonly rejoins: readonly Rejoin[]
  /** Of one peer more. */
  readonly refused: Outcome
  /** Of a message that this peer sends into the room. */
  readonly intrusion: Outcome
  /** Of its join once a member has left. */
  readonly entered: Outcome
  /** How often it has been announced to a member. */
  readonly announced: number
  /** Of a search for the room by one who is in it, while it is full; where the server offers none, or has not answered, there is none. */
  readonly found: Outcome | undefined
  /** Of the join of that former member, whose place is taken now. */
  readonly displaced: Outcome
  /** Of a leave after that. */
  readonly unjoined: Outcome
  /** Of the join of a member right behind its leave. */
  readonly returned: Outcome
}

/** Places of a room, where they are announced; ends the check where to fill a room costs more than an ordinary run may spend. */
export function placesOf(t: CheckContext, more: number): number {
  const places = announcedLimit(t, 'membersPerRoom')
  if (places === undefined) t.notApplicable('The server announces no limits.membersPerRoom')
  t.cost({ members: places + more }, `Filling a room of ${String(places)} places`)
  return places
}

/** Fills a room, for all checks that look at a full one. */
export function fullRoom(t: CheckContext): Promise<FullRoom> {
  // Outside of what is shared, so that each check has its own reason.
  const places = placesOf(t, 1)
  return t.shared('full room', (scene) => fill(scene, places))
}

async function fill(t: CheckContext, places: number): Promise<FullRoom> {
  const room = t.room()
  const members = await t.clients(places)
  const seeks = t.target.offered.names.has('discovery')
  const late = await t.client({ capabilities: seeks ? ['discovery'] : [] })
  const joins = await Promise.all(members.map((member) => tryEnter(t, member, room)))
  const [first, last] = [members[0], members.at(-1)] as [Endpoint, Endpoint]
  const rejoins: Rejoin[] = []
  for (const member of [first, last]) {
    const outcome = await tryEnter(t, member, room)
    rejoins.push({ outcome, others: members.filter((other) => other !== member) })
  }
  const refused = await tryEnter(t, late, room)
  const intrusion = await late.request(hangupTo({ room, to: first.peer, call: t.callId() }))
  await leaveRoom(last, room)
  await seesLeave(first, room, last)
  const entered = await tryEnter(t, late, room)
  // Whether it may is for those to judge that look at this.
  if (entered.type === 'joined') await seesJoin(first, room, late)
  const announced = first.all('peer-joined', ({ member }) => member.peer === late.peer).length
  const search =
    seeks && entered.type === 'joined'
      ? late.request({ type: 'find', kind: 'rooms', prefix: room })
      : undefined
  const found = await search?.catch(() => undefined)
  const displaced = await tryEnter(t, last, room)
  const unjoined = await last.request({ type: 'leave', room })
  // Sent before the leave is answered: nobody else can have taken the place.
  first.send({ type: 'leave', room })
  const returned = await tryEnter(t, first, room)
  return {
    places,
    joins,
    rejoins,
    refused,
    intrusion,
    unjoined,
    entered,
    announced,
    found,
    displaced,
    returned,
  }
}
