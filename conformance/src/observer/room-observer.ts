import { stringOf, type Wire } from '../endpoint/wire.ts'
import { isRelayed } from './relayed.ts'
import type { Report } from './violation.ts'
import type { RunObservation } from './run-observation.ts'
import { indefinite } from './indefinite.ts'

/** Watches one endpoint's rooms. */
export interface RoomObserver {
  sent(message: Wire): void
  /** A valid frame of the server. */
  received(message: Wire): void
}

/** What one endpoint may know of one room. */
interface Membership {
  state: 'never' | 'member' | 'left'
  /** Joins that have not been answered. */
  asked: number
  revision: number
  /** Peers that are there, each with how it was made known. */
  readonly known: Map<string, 'members' | 'peer-joined'>
  readonly gone: Set<string>
}

const presenceTypes: ReadonlySet<string> = new Set(['peer-joined', 'peer-updated', 'peer-left'])

/** Makes the observer of one endpoint; it keeps what the endpoint may know, and reports what contradicts it. */
export function createRoomObserver(run: RunObservation, report: Report): RoomObserver {
  const { watch, roomLedger, relayLedger } = run
  const rooms = new Map<string, Membership>()
  const joinIds = new Map<string, string>()
  let self = ''

  return {
    sent: (message) => {
      const type = stringOf(message, 'type')
      const room = stringOf(message, 'room')
      if (room === undefined) return
      if (type === 'join') joinSent(room, stringOf(message, 'id'))
      else if (type === 'leave') roomLedger.leaveSent(self, room)
      else if (isRelayed(type) && self !== '') relayLedger.sent(self, message)
    },
    received: (message) => {
      const type = stringOf(message, 'type') ?? ''
      const room = stringOf(message, 'room')
      if (type === 'welcome' || type === 'authenticated') identified(type, message)
      else if (type === 'ok') accepted(message)
      else if (type === 'error') refused(message)
      else if (room === undefined) return
      else if (type === 'joined') joined(room, message)
      else if (type === 'left') left(room)
      else if (presenceTypes.has(type) || isRelayed(type)) member(room, type, message)
    },
  }

  function membershipOf(room: string): Membership {
    const known = rooms.get(room)
    if (known) return known
    const fresh: Membership = { state: 'never', asked: 0, revision: 0, known: new Map(), gone: new Set() }
    rooms.set(room, fresh)
    return fresh
  }

  function joinSent(room: string, id: string | undefined): void {
    membershipOf(room).asked += 1
    if (id !== undefined) joinIds.set(id, room)
    if (self !== '') roomLedger.joinSent(self, room)
  }

  function identified(type: string, message: Wire): void {
    if (type === 'welcome') {
      self = stringOf(message, 'peer') ?? ''
      // What was sent before the welcome had no name to go by.
      for (const [room, { asked }] of rooms) if (asked > 0) roomLedger.joinSent(self, room)
    }
    const user = stringOf(message, 'user')
    const nobody = Array.isArray(message['auth']) && message['auth'].length === 0
    if (user !== undefined || nobody) roomLedger.identified(self, user)
  }

  function accepted(message: Wire): void {
    const missing = relayLedger.accepted(self, stringOf(message, 'ref') ?? '')
    if (!missing) return
    report(
      'delivery.no-gap',
      'every accepted message delivered',
      'one was passed over, although ok came for it',
      missing,
    )
  }

  function refused(message: Wire): void {
    const room = joinIds.get(stringOf(message, 'ref') ?? '')
    const about = room ?? (message['of'] === 'join' ? stringOf(message, 'room') : undefined)
    const membership = about === undefined ? undefined : rooms.get(about)
    if (membership && membership.asked > 0) membership.asked -= 1
  }

  function joined(room: string, message: Wire): void {
    const membership = membershipOf(room)
    const me = message['self'] as Wire
    watch.look('rooms.joined')
    if (membership.asked === 0 && membership.state !== 'member') {
      report(
        'rooms.joined',
        'joined only for a join',
        'one came for a room that this peer had not asked to join',
      )
    }
    if (stringOf(me, 'peer') !== self) {
      report('rooms.joined', `self.peer ${self}, the peer's own id`, `it was ${String(me['peer'])}`)
    }
    const members = message['members'] as Wire[]
    const ids = members.map((each) => stringOf(each, 'peer') ?? '')
    watch.look('rooms.not-self')
    watch.look('rooms.members')
    if (ids.includes(self))
      report('rooms.not-self', 'members without the joining peer', 'it lists that peer itself')
    if (new Set(ids).size !== ids.length) {
      report('rooms.members', 'every member once', 'members lists a peer more than once')
    }
    for (const each of members) watchUser(each)
    if (stringOf(me, 'peer') === self) watchUser(me)
    membership.state = 'member'
    membership.asked = Math.max(0, membership.asked - 1)
    membership.revision = message['revision'] as number
    membership.known.clear()
    membership.gone.clear()
    for (const peer of ids) membership.known.set(peer, 'members')
    relayLedger.joined(self, room)
  }

  function watchUser(member: Wire): void {
    const peer = stringOf(member, 'peer') ?? ''
    if (!roomLedger.knowsUserOf(peer)) return
    watch.look('rooms.user')
    const user = roomLedger.userOf(peer)
    if (!('user' in member) || member['user'] === user) return
    const expected =
      user === undefined ? 'no user for a peer that is not authenticated' : `user ${user} for ${peer}`
    report('rooms.user', expected, `user is ${String(member['user'])}`)
  }

  function left(room: string): void {
    const membership = membershipOf(room)
    watch.look('rooms.after-left')
    if (membership.state === 'member') membership.state = 'left'
    else misplaced(membership, 'left', room)
  }

  /** A message of a room came to a peer that is not in it. */
  function misplaced({ state, asked }: Membership, type: string, room: string): void {
    const early = asked > 0
    const requirement = early
      ? 'rooms.joined-first'
      : state === 'left'
        ? 'rooms.after-left'
        : 'rooms.outsiders'
    watch.look(requirement)
    const when = early ? 'before joined' : state === 'left' ? 'after left' : 'to a peer that is no member'
    report(requirement, `nothing of a room ${when}`, `${indefinite(type)} of ${room} came`)
  }

  function member(room: string, type: string, message: Wire): void {
    const membership = membershipOf(room)
    watch.look('rooms.outsiders')
    if (isRelayed(type)) addressed(type, message)
    if (membership.state !== 'member') {
      misplaced(membership, type, room)
      return
    }
    watch.look('rooms.joined-first')
    if (isRelayed(type)) relayed(membership, type, message)
    else presence(membership, room, type, message)
  }

  function addressed(type: string, message: Wire): void {
    watch.look('delivery.addressee')
    if (message['to'] === self) return
    report(
      'delivery.addressee',
      'only what is addressed to this peer',
      `${indefinite(type)} to another peer came`,
    )
  }

  function relayed(membership: Membership, type: string, message: Wire): void {
    heardOf(membership, stringOf(message, 'from') ?? '', type)
    if (message['to'] !== self) return
    for (const each of ['delivery.order', 'delivery.once', 'delivery.no-gap'] as const) watch.look(each)
    const { delivery, gaps } = relayLedger.received(self, message)
    const what = `the ${type} of call ${String(message['call'])}`
    if (delivery === 'again')
      report('delivery.once', 'every relayed message at most once', `${what} came again`)
    if (delivery === 'late') {
      report('delivery.order', 'the order of sending', `${what} came after a message that was sent later`)
    }
    for (const missing of gaps)
      report(
        'delivery.no-gap',
        'every accepted message',
        `${what} came, but an accepted one before it did not`,
        missing,
      )
  }

  function heardOf({ known, gone }: Membership, peer: string, type: string): void {
    watch.look('rooms.known-first')
    watch.look('rooms.left-last')
    if (known.has(peer) || peer === self) return
    if (gone.has(peer)) {
      report(
        'rooms.left-last',
        'nothing from a peer after its peer-left',
        `${indefinite(type)} came from one that had left`,
      )
    } else {
      report(
        'rooms.known-first',
        'only peers that were made known',
        `${indefinite(type)} came from an unknown peer`,
      )
    }
  }

  function presence(membership: Membership, room: string, type: string, message: Wire): void {
    watch.look('rooms.revision')
    const revision = message['revision'] as number
    if (revision !== membership.revision + 1) {
      const actual = `${type} came with ${String(revision)}`
      report('rooms.revision', `revision ${String(membership.revision + 1)} next`, actual)
    }
    membership.revision = revision
    if (type !== 'peer-left') watchUser(message['member'] as Wire)
    const peer =
      (type === 'peer-left' ? stringOf(message, 'peer') : stringOf(message['member'] as Wire, 'peer')) ?? ''
    watch.look('rooms.not-self')
    if (peer === self) {
      report(
        'rooms.not-self',
        'no presence messages about oneself',
        `${indefinite(type)} about this peer itself came`,
      )
    } else if (type === 'peer-joined') {
      announced(membership, room, peer)
    } else if (type === 'peer-left') {
      departed(membership, peer)
    } else {
      heardOf(membership, peer, type)
    }
  }

  function announced({ known, gone }: Membership, room: string, peer: string): void {
    watch.look('rooms.rejoin')
    watch.look('rooms.total-order')
    const how = known.get(peer)
    if (how !== undefined) announcedAgain(room, peer, how)
    known.set(peer, 'peer-joined')
    gone.delete(peer)
  }

  /** Which sentence a second announcement breaks depends on what that peer has done. */
  function announcedAgain(room: string, peer: string, how: 'members' | 'peer-joined'): void {
    const history = roomLedger.historyOf(peer, room)
    if (history === 'returned') {
      report(
        'rooms.left-once',
        'peer-left before the next peer-joined',
        'a peer that had left was announced again without it',
      )
    } else if (history === 'first' && how === 'members') {
      report('rooms.total-order', 'a peer either in members or by peer-joined', 'one came in both ways')
    } else {
      report(
        'rooms.rejoin',
        'one peer-joined for each membership',
        'a peer that is known already was announced again',
      )
    }
  }

  function departed({ known, gone }: Membership, peer: string): void {
    watch.look('rooms.left-once')
    if (!known.delete(peer)) {
      report('rooms.left-once', 'one peer-left for each membership', 'one came for a peer that is not there')
    }
    gone.add(peer)
  }
}
