import { misdirected } from '../altered-directory.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, isRelayed, isValid, textOf } from '../rule.ts'

/** Changes errors about relayed messages. */
function relayErrors(change: (frame: Frame) => Frame) {
  return () => ({
    toClient: changed('error', (frame) => (isRelayed({ type: frame['of'] }) ? change(frame) : true)),
  })
}

/** Takes a receiver that is nobody for the first peer that it resembles. */
export function takesFor(resembles: (to: string, peer: string) => boolean): () => MiddlemanRules {
  return () => {
    const peers = new Set<string>()
    return {
      toServer: (frame) => {
        const to = textOf(frame, 'to')
        if (!isRelayed(frame) || !isValid(frame) || peers.has(to)) return true
        const taken = [...peers].find((peer) => resembles(to, peer))
        return taken === undefined ? true : { ...frame, to: taken }
      },
      toClient: changed('welcome', (frame) => (peers.add(textOf(frame, 'peer')), true)),
    }
  }
}

/** Faults of what the server has to refuse to relay. */
export const relayRefusalMutants: Mutants = [
  misdirected(
    'lets outsiders send to members',
    'relay.not-in-room',
    (inner) => ({
      reach: (room, sender, receiver) => {
        const reach = inner.reach(room, sender, receiver)
        return reach === 'sender-absent' && inner.reach(room, receiver, sender) === 'receiver-absent'
          ? 'reachable'
          : reach
      },
    }),
    {
      consequences: {
        'frames.exact-names': 'its check sends as a member of another room',
        'connection.order': 'its check sends after leave',
        'replaces.new-identity': 'its check sends without having joined',
        'relay.no-oracle': 'its check asks as an outsider',
        'rooms.known-first': 'the receiver does not know the sender',
        'rooms.left-last': 'the receiver knows that the sender has left',
        'rooms.outsiders': 'outsiders are not refused',
        'rooms.several': 'a member of one room sends in another',
        'rooms.full': 'a refused peer can send',
        'frames.goes-on': 'an outsider is not refused',
      },
    },
  ),
  misdirected(
    'says peer-not-found to outsiders',
    'relay.not-in-room',
    (inner) => ({
      reach: (room, sender, receiver) => {
        const reach = inner.reach(room, sender, receiver)
        return reach === 'sender-absent' ? 'receiver-absent' : reach
      },
    }),
    {
      consequences: {
        'frames.exact-names': 'its check sends as a member of another room',
        'replaces.new-identity': 'its check sends without having joined',
        'rooms.outsiders': 'its check sends as an outsider',
        'rooms.several': 'its check sends in a room that was left',
        'rooms.full': 'its check sends after a refused join',
        'rooms.left-last': 'its check sends after leave',
        'relay.no-oracle': 'its check asks as an outsider',
      },
    },
  ),
  misdirected(
    'lets a peer send in a room that it has left',
    'relay.not-in-room',
    (inner) => {
      const left = new Set<string>()
      return {
        leave: (room, peer) => {
          left.add(`${peer} ${room}`)
          return inner.leave(room, peer)
        },
        reach: (room, sender, receiver) => {
          const reach = inner.reach(room, sender, receiver)
          const stale = reach === 'sender-absent' && left.has(`${sender} ${room}`)
          return stale && inner.reach(room, receiver, sender) === 'receiver-absent' ? 'reachable' : reach
        },
      }
    },
    {
      consequences: {
        'connection.order': 'its check sends after leave',
        'rooms.left-last': 'the receiver has been told that the sender has left',
        'rooms.known-first': 'a receiver that came later never knew the sender',
        'rooms.several': 'its check sends in a room that was left',
      },
    },
  ),

  tampered(
    'delivers to whom the first 20 characters of a receiver name',
    'relay.peer-not-found',
    takesFor((to, peer) => to.length === 20 && peer.startsWith(to)),
  ),
  tampered(
    'looks at no more of a receiver than a peer id is long',
    'relay.peer-not-found',
    takesFor((to, peer) => to.startsWith(peer)),
  ),
  tampered(
    'does not look at the last character of a receiver',
    'relay.peer-not-found',
    takesFor((to, peer) => to.length === peer.length && to.slice(0, -1) === peer.slice(0, -1)),
  ),

  misdirected('delivers messages to their own sender', 'relay.peer-not-found', (inner) => ({
    reach: (room, sender, receiver) => {
      const reach = inner.reach(room, sender, receiver)
      return reach === 'receiver-absent' && sender === receiver ? 'reachable' : reach
    },
  })),
  tampered(
    'answers ok for a receiver that is not there',
    'relay.peer-not-found',
    () => ({
      toClient: changed('error', (frame) => {
        if (frame['code'] !== 'peer-not-found') return true
        return frame['ref'] === undefined ? false : { type: 'ok', ref: frame['ref'] }
      }),
    }),
    {
      consequences: {
        'replaces.new-identity': 'its check sends to a peer that is no member',
        'outcomes.no-ref': 'its check sends to nobody',
        'relay.no-oracle': 'its check needs the error',
        'outcomes.failure-told': 'no error is sent',
        'rooms.after-left': 'its check sends to a member that has left',
        'rooms.bye': 'its check sends to a member that is gone',
        'rooms.lost': 'its check sends to a member that is gone',
        'delivery.no-gap': 'what is said to be accepted is not delivered',
      },
    },
  ),
  misdirected(
    'delivers to a peer that shares another room',
    'relay.peer-not-found',
    (inner) => {
      const rooms = new Map<string, Set<string>>()
      return {
        join: (room, member) => {
          const result = inner.join(room, member)
          if ('self' in result) rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
          return result
        },
        reach: (room, sender, receiver) => {
          const reach = inner.reach(room, sender, receiver)
          if (reach !== 'receiver-absent' || sender === receiver) return reach
          const shared = [...(rooms.get(sender) ?? [])].some(
            (other) => inner.reach(other, sender, receiver) === 'reachable',
          )
          return shared ? 'reachable' : reach
        },
      }
    },
    {
      consequences: {
        'rooms.outsiders': 'the receiver gets a message of a room that it is not in',
        'rooms.after-left': 'it may have left that room',
      },
    },
  ),

  tampered(
    'says forbidden about receivers that are online',
    'relay.no-oracle',
    () => {
      const online = new Set<unknown>()
      return {
        toClient: (frame) => {
          if (frame['type'] === 'welcome') online.add(frame['peer'])
          return frame['code'] === 'peer-not-found' && online.has(frame['to'])
            ? { ...frame, code: 'forbidden' }
            : true
        },
      }
    },
    {
      consequences: {
        'replaces.new-identity': 'its check sends to a peer that is no member',
        'relay.peer-not-found': 'another code comes',
        'auth.grants': 'forbidden comes although nothing is',
        'rooms.after-left': 'its check sends to a member that has left',
        'rooms.bye': 'its check sends to a member that is gone',
        'rooms.lost': 'its check sends to a member that is gone',
      },
    },
  ),
  tampered('tells in its text whether a peer was ever there', 'relay.no-oracle', () => {
    const known = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') known.add(frame['peer'])
        if (frame['code'] !== 'peer-not-found') return true
        return {
          ...frame,
          message: known.has(frame['to']) ? 'That peer is in another room' : 'There is no such peer',
        }
      },
    }
  }),
  tampered('adds a member for peers that are online', 'relay.no-oracle', () => {
    const online = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') online.add(frame['peer'])
        return frame['code'] === 'peer-not-found' && online.has(frame['to'])
          ? { ...frame, 'com.example.online': true }
          : true
      },
    }
  }),
  tampered('tells outsiders which rooms exist', 'relay.no-oracle', () => {
    const rooms = new Set<unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'joined') rooms.add(frame['room'])
        if (frame['code'] !== 'not-in-room' || !rooms.has(frame['room'])) return true
        return { ...frame, message: `${textOf(frame, 'message')}, which has members` }
      },
    }
  }),

  tampered(
    'lets members send that may not',
    'relay.forbidden',
    () => ({
      toClient: changed('authenticated', (frame) =>
        frame['user'] === 'bob' ? { ...frame, grants: listenOnly(frame['grants']) } : true,
      ),
    }),
    {
      server: {
        tokens: [
          { token: 'ann-4f1d0c9be2a7', user: 'ann' },
          {
            token: 'bob-93c2e7a1d05f',
            user: 'bob',
            grants: [
              { prefix: 'parley-', join: true, send: true },
              { prefix: 'listen-', join: true, send: true },
            ],
          },
        ],
      },
      consequences: {
        'auth.grants': 'the grants are not kept to',
        'custom.forbidden': 'custom messages go by the same right',
      },
    },
  ),
  tampered(
    'says not-in-room to members that may not send',
    'relay.forbidden',
    relayErrors((frame) => (frame['code'] === 'forbidden' ? { ...frame, code: 'not-in-room' } : frame)),
    { consequences: { 'auth.grants': 'it asks for forbidden' } },
  ),
]

function listenOnly(grants: unknown): unknown {
  return Array.isArray(grants)
    ? (grants as Frame[]).map((grant) => (grant['prefix'] === 'listen-' ? { ...grant, send: false } : grant))
    : grants
}
