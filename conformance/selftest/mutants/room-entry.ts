import { misdirected, whenGranted, withData } from '../altered-directory.ts'
import type { Frame } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, textOf, without } from '../rule.ts'

type Member = Frame

/** Changes the members that frames of one type show. */
function shown(
  type: 'joined' | 'peer-joined' | 'peer-updated',
  change: (member: Member) => Member,
): () => { toClient: ReturnType<typeof changed> } {
  return () => ({
    toClient: changed(type, (frame) =>
      type === 'joined'
        ? { ...frame, members: (frame['members'] as Member[]).map(change) }
        : { ...frame, member: change(frame['member'] as Member) },
    ),
  })
}

const noNull = (member: Member) => (member['data'] === null ? without(member, 'data') : member)
const joinedOf = (frame: Frame) => frame as { readonly members: Member[]; readonly self: Member }

/** Faults of joining a room. */
export const roomEntryMutants: Mutants = [
  tampered(
    'leaves data out of self',
    'rooms.joined',
    () => ({
      toClient: changed('joined', (frame) => ({ ...frame, self: without(joinedOf(frame).self, 'data') })),
    }),
    {
      consequences: {
        'limits.enforced': 'its check looks at self',
        'limits.honoured': 'its check looks at self',
        'limits.data': 'its check looks at self',
        'rooms.rejoin-data': 'its check looks at self too',
      },
    },
  ),
  tampered(
    'leaves null out of self',
    'rooms.joined',
    () => ({
      toClient: changed('joined', (frame) => ({ ...frame, self: noNull(joinedOf(frame).self) })),
    }),
    { consequences: { 'rooms.rejoin-data': 'its check looks at self too' } },
  ),
  tampered(
    'names another peer in self',
    'rooms.joined',
    () => ({
      toClient: changed('joined', (frame) => {
        const { self, members } = joinedOf(frame)
        return members.length < 2 ? true : { ...frame, self: { ...self, peer: members[0]?.['peer'] } }
      }),
    }),
    { provokedBy: 'rooms.members' },
  ),

  tampered(
    'leaves the last of three members out',
    'rooms.members',
    () => ({
      toClient: changed('joined', (frame) => {
        const { members } = joinedOf(frame)
        return members.length < 3 ? true : { ...frame, members: members.slice(0, -1) }
      }),
    }),
    {
      consequences: {
        'rooms.update': 'who is left out updates',
        'rooms.known-first': 'who is left out is not known',
        'rooms.total-order': 'who is left out is not announced either',
        'rooms.left-once': 'who is left out leaves',
        'rooms.rejoin': 'its check counts members',
        'rooms.empty': 'its check counts members',
        'rooms.peer-joined': 'who is left out is not known',
        'rooms.left-last': 'who is left out is not known',
      },
    },
  ),
  tampered(
    'lists a member twice',
    'rooms.members',
    () => ({
      toClient: changed('joined', (frame) => {
        const { members } = joinedOf(frame)
        return members.length === 2 ? { ...frame, members: [...members, members[0]] } : true
      }),
    }),
    { consequences: { 'rooms.rejoin': 'its check counts members' } },
  ),
  misdirected(
    'shows newcomers the data of the first join',
    'rooms.members',
    (inner) => {
      const first = new Map<string, string | undefined>()
      return {
        join: (room, member) => {
          const key = `${room} ${member.peer}`
          if (!first.has(key)) first.set(key, member.data)
          return whenGranted(inner.join(room, member), (granted) => ({
            ...granted,
            members: granted.members.map((each) => withData(each, first.get(`${room} ${each.peer}`))),
          }))
        },
      }
    },
    {
      consequences: {
        'frames.unknown-members': 'its check looks at members',
        'connection.order': 'its check looks at members',
        'rooms.rejoin-data': 'data that changed is not shown',
        'rooms.update': 'data that changed is not shown',
        'rooms.peer-joined': 'a walk sees it',
        'rooms.several': 'its check looks at members',
      },
    },
  ),
  tampered('leaves null out of members', 'rooms.members', shown('joined', noNull), {
    consequences: { 'rooms.rejoin-data': 'its check looks at members too' },
  }),

  tampered(
    'lists the joining peer when it joins again',
    'rooms.not-self',
    () => ({
      toClient: changed('joined', (frame, passage) => {
        const again = passage.notes.has(`in ${textOf(frame, 'room')}`)
        passage.notes.set(`in ${textOf(frame, 'room')}`, true)
        const { self, members } = joinedOf(frame)
        return again ? { ...frame, members: [...members, self] } : true
      }),
    }),
    {
      consequences: {
        'rooms.members': 'members lists too many',
        'rooms.rejoin': 'its check looks at members',
        'rooms.empty': 'its check looks at members',
        'rooms.left-once': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'tells a peer of its own update',
    'rooms.not-self',
    (inner) => ({
      update: (room, peer, data) => {
        const result = inner.update(room, peer, data)
        return result && { ...result, notices: [...result.notices, { peer, revision: 1 }] }
      },
    }),
    { consequences: { 'rooms.revision': 'the message is too much' } },
  ),

  misdirected(
    'announces a newcomer to one member only',
    'rooms.peer-joined',
    (inner) => ({
      join: (room, member) =>
        whenGranted(inner.join(room, member), (granted) =>
          granted.kind === 'entered' ? { ...granted, notices: granted.notices.slice(0, 1) } : granted,
        ),
    }),
    { consequences: unannounced() },
  ),
  tampered(
    "leaves a newcomer's data out",
    'rooms.peer-joined',
    shown('peer-joined', (member) => without(member, 'data')),
    {
      consequences: {
        'limits.enforced': 'its check looks at peer-joined',
        'limits.data': 'its check looks at peer-joined',
      },
    },
  ),
  tampered("leaves a newcomer's null out", 'rooms.peer-joined', shown('peer-joined', noNull), {}),
  misdirected(
    'announces nobody who comes back',
    'rooms.peer-joined',
    (inner) => {
      const left = new Set<string>()
      return {
        leave: (room, peer) => {
          left.add(`${room} ${peer}`)
          return inner.leave(room, peer)
        },
        join: (room, member) =>
          whenGranted(inner.join(room, member), (granted) =>
            granted.kind === 'entered' && left.has(`${room} ${member.peer}`)
              ? { ...granted, notices: [] }
              : granted,
          ),
      }
    },
    { consequences: unannounced() },
  ),

  tampered(
    'names the same user for everybody',
    'rooms.user',
    shown('peer-joined', (member) => ('user' in member ? { ...member, user: 'ann' } : member)),
    {},
  ),
  tampered(
    'names users by their token',
    'rooms.user',
    shown('joined', (member) =>
      'user' in member ? { ...member, user: `id-${String(member['user'])}` } : member,
    ),
    {},
  ),

  tampered(
    'names no user but the first',
    'rooms.user',
    shown('peer-joined', (member) => (member['user'] === 'ann' ? member : without(member, 'user'))),
    {},
  ),

  tampered(
    'lets both of two peers find each other',
    'rooms.total-order',
    () => {
      const recent = new Map<string, { member: Member; at: number }[]>()
      return {
        // Whoever has asked within the last moment counts as there.
        toServer: (frame, passage) => {
          if (frame['type'] !== 'join') return true
          const room = textOf(frame, 'room')
          const data = 'data' in frame ? { data: frame['data'] } : {}
          if (passage.peer !== '')
            recent.set(room, [
              ...(recent.get(room) ?? []),
              { member: { peer: passage.peer, ...data }, at: performance.now() },
            ])
          return true
        },
        toClient: changed('joined', (frame, passage) => {
          const { members } = joinedOf(frame)
          const asking = (recent.get(textOf(frame, 'room')) ?? [])
            .filter(({ at }) => performance.now() - at < 30)
            .map(({ member }) => member)
          const missing = asking.filter(
            ({ peer }) => peer !== passage.peer && !members.some((each) => each['peer'] === peer),
          )
          if (missing.length < 2) return true
          return {
            ...frame,
            members: [
              ...members,
              ...missing.filter(
                ({ peer }, index) => missing.findIndex((each) => each['peer'] === peer) === index,
              ),
            ],
          }
        }),
      }
    },
    {
      consequences: {
        'replaces.before-welcome': 'a peer that was replaced is listed',
        'rooms.members': 'members lists who is not there yet',
        'rooms.rejoin': 'a peer is announced although it is known',
        'rooms.left-once': 'a walk sees it',
        'rooms.full': 'who is refused was listed',
        'rooms.last-place': 'who is refused was listed',
      },
    },
  ),
]

function unannounced() {
  return {
    'relay.members': 'its check waits for peer-joined',
    'relay.from': 'its check waits for peer-joined',
    'relay.duplicate-names': 'its check waits for peer-joined',
    'relay.nested-duplicates': 'its check waits for peer-joined',
    'relay.beyond-i-json': 'its check waits for peer-joined',

    'rooms.revision': 'the message is missing in the count',
    'rooms.known-first': 'who is not announced is not known',
    'rooms.total-order': 'neither of two finds the other',
    'rooms.left-once': 'who is not announced leaves',
    'rooms.left-last': 'who is not announced is heard',
    'rooms.members': 'a walk sees it',
    'rooms.update': 'who is not announced updates',
    'rooms.several': 'a walk sees it',
    'rooms.after-left': 'its check waits for peer-joined',
    'relay.delivered': 'its check waits for peer-joined',
    'relay.not-in-room': 'its check comes back',
    'relay.peer-not-found': 'its check waits for peer-joined',
    'rooms.leave-not-in-room': 'its check waits for peer-joined',
    'rooms.outsiders': 'its check waits for peer-joined',
    'rooms.empty': 'its check waits for peer-joined',
    'rooms.full': 'its check waits for peer-joined',
    'rooms.leave': 'its check waits for peer-joined',
    'rooms.not-self': 'its check waits for peer-joined',
    'rooms.rejoin': 'its check waits for peer-joined',
    'delivery.order': 'its traffic waits for peer-joined',
    'delivery.once': 'its traffic waits for peer-joined',
    'delivery.no-gap': 'its traffic waits for peer-joined',
    'delivery.addressee': 'its check waits for peer-joined',
    'delivery.sender-gone': 'its check waits for peer-joined',
  } as const
}
