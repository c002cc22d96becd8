import { defaultHandlers, type Directory } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { counted, refusal, textOf } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

type Custom = typeof defaultHandlers.custom

/** A fault in how the reference server carries messages of applications. */
function carrying(name: string, breaks: ServerRequirementId, custom: Custom, options: MutantOptions = {}) {
  return altered(
    name,
    breaks,
    () => startReferenceServer({}, { handlers: { ...defaultHandlers, custom } }),
    options,
  )
}

/** The same with another view of who else is in the room. */
function seeing(
  name: string,
  breaks: ServerRequirementId,
  view: (
    others: Awaited<ReturnType<Directory['others']>>,
    to: string | undefined,
    sender: string,
  ) => Awaited<ReturnType<Directory['others']>>,
  options: MutantOptions = {},
) {
  const custom: Custom = async (message, client, engine, frame) => {
    const others = view(
      await engine.directory.others(message.room, client.peer),
      message.to,
      `${client.peer} in ${message.room}`,
    )
    const directory = Object.create(engine.directory, { others: { value: () => others } }) as Directory
    await defaultHandlers.custom(message, client, { ...engine, directory }, frame)
  }
  return carrying(name, breaks, custom, options)
}

const isCustom = (frame: Frame) => textOf(frame, 'type').includes('.')

/** Changes what the server says of messages of applications. */
function saying(change: (frame: Frame) => Frame): () => MiddlemanRules {
  return () => ({
    toClient: (frame) =>
      frame['type'] === 'error' && textOf(frame, 'of').includes('.') ? change(frame) : true,
  })
}

const insteadOf = (code: string, other: string) =>
  saying((frame) => (frame['code'] === code ? { ...frame, code: other } : frame))

/** Changes or loses messages of applications on their way to the receiver. */
function delivering(change: (frame: Frame, passage: Passage) => Frame | boolean): () => MiddlemanRules {
  return () => ({ toClient: (frame, passage) => (isCustom(frame) ? change(frame, passage) : true) })
}

/** Refuses some messages of applications. */
function refusing(code: string, isRefused: (frame: Frame) => boolean): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage) => {
      if (!isCustom(frame) || !('room' in frame) || !isRefused(frame)) return true
      passage.toClient(refusal(frame, code))
      return false
    },
  })
}

/** Sends everybody what is for everybody to those who were there when the room had as many members for the first time. */
function remembering(): Parameters<typeof seeing>[2] {
  const known = new Map<string, ReadonlySet<string>>()
  return (others, to, sender) => {
    if (to !== undefined || others === undefined) return others
    const key = `${sender}, with ${String(others.length)} others`
    const first = known.get(key) ?? new Set(others.map(({ peer }) => peer))
    known.set(key, first)
    return others.filter(({ peer }) => first.has(peer))
  }
}

/** Says ok for what is for somebody who has been in the room, and delivers nothing. */
function takingForFormerMembers(): MiddlemanRules {
  const former = new Set<string>()
  return {
    toClient: (frame, { peer }) => {
      const key = `${peer} in ${textOf(frame, 'room')}`
      if (frame['type'] === 'left') former.add(key)
      if (frame['type'] === 'joined') former.delete(key)
      return true
    },
    toServer: (frame, passage) => {
      const [to, room] = [textOf(frame, 'to'), textOf(frame, 'room')]
      if (!isCustom(frame) || to === passage.peer || !former.has(`${to} in ${room}`)) return true
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return false
    },
  }
}

/** Leaves out of what is for everybody who may not send in the room itself. */
function passingOverListeners(): MiddlemanRules {
  return {
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'authenticated') notes.set('grants', frame['grants'])
      const grants = notes.get('grants') as readonly Frame[] | undefined
      if (!isCustom(frame) || 'to' in frame || grants === undefined) return true
      const room = textOf(frame, 'room')
      return grants.some((grant) => grant['send'] === true && room.startsWith(textOf(grant, 'prefix')))
    },
  }
}

/** A value with its strings, names of members apart, in the form NFC. */
function normalised(value: unknown): unknown {
  if (typeof value === 'string') return value.normalize('NFC')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(normalised)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, normalised(each)]))
}

/** Faults of spec/custom.md. */
export const customMutants: Mutants = [
  carrying(
    'sends everybody what is for one',
    'custom.one',
    ({ to: _to, ...message }, client, engine, frame) =>
      defaultHandlers.custom(message, client, engine, frame),
    {
      consequences: {
        'custom.peer-not-found': 'whoever it is for, everybody gets it',
        'capabilities.peer-unsupported': 'whoever it is for, everybody gets it',
        'custom.order': 'what is for nobody is accepted',
      },
    },
  ),
  tampered(
    'takes custom messages of nobody who has grants',
    'auth.grants',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'authenticated') passage.notes.set('grants', frame['grants'])
        return true
      },
      toServer: (frame, passage) => {
        if (!isCustom(frame) || passage.notes.get('grants') === undefined) return true
        passage.toClient(refusal(frame, 'forbidden'))
        return false
      },
    }),
    { only: 'auth.grants:custom' },
  ),
  tampered(
    'loses custom messages to one',
    'custom.one',
    delivering((frame) => !('to' in frame)),
    {
      consequences: {
        'custom.unread': 'what is lost is not as it was sent',
        'custom.order': 'what is lost leaves a gap',
        'capabilities.peer-unsupported': 'its control is lost',
        'frames.bad-shape': 'the valid message that follows is lost',
      },
    },
  ),
  seeing(
    'leaves out the first member where it sends to everybody',
    'custom.all',
    (others, to) => (to === undefined ? others?.slice(1) : others),
    {
      consequences: {
        'custom.unread': 'what is lost is not as it was sent',
        'custom.order': 'what is lost leaves a gap',
      },
    },
  ),
  seeing(
    'sends everybody also who has not asked for custom',
    'custom.all',
    (others, to) => (to === undefined ? others?.map((member) => ({ ...member, custom: true })) : others),
    { consequences: { 'capabilities.core-only': 'they have not asked for it' } },
  ),
  tampered(
    'takes members of Core out of custom messages',
    'custom.unread',
    delivering(({ sdp: _sdp, ...frame }) => frame),
  ),
  tampered(
    'normalises the strings of custom messages',
    'custom.unread',
    delivering((frame) => normalised(frame) as Frame),
  ),
  tampered(
    'refuses custom messages whose call is no call id',
    'custom.unread',
    () => ({
      toServer: (frame, passage) => {
        if (!isCustom(frame) || !('call' in frame) || /^[0-9a-f]{32}$/.test(textOf(frame, 'call')))
          return true
        passage.toClient(refusal(frame, 'bad-message'))
        return false
      },
    }),
    {
      consequences: {
        'capabilities.not-in-force': 'it is refused before it is looked at whether it is in force',
      },
    },
  ),
  tampered(
    'takes members of the connection out of custom messages',
    'custom.unread',
    delivering(({ session: _session, ...frame }) => frame),
  ),
  tampered(
    'takes members whose names begin with _ out of custom messages',
    'custom.unread',
    delivering((frame) =>
      Object.fromEntries(Object.entries(frame).filter(([name]) => !name.startsWith('_'))),
    ),
  ),
  tampered(
    'refuses types in capitals',
    'custom.unread',
    refusing('unsupported-type', ({ type }) => type !== String(type).toLowerCase()),
  ),
  tampered(
    'holds the data of custom messages against limits.dataBytes',
    'custom.unread',
    refusing('too-large', ({ data }) => typeof data === 'string' && data.length > 2048),
  ),
  seeing('leaves out the fifth member where it sends to everybody', 'custom.all', (others, to) =>
    to === undefined ? others?.slice(0, 4) : others,
  ),
  seeing(
    'sends everybody to who was there when the room had as many members before',
    'custom.all',
    remembering(),
  ),
  tampered('sends nothing for everybody to who may not send itself', 'custom.all', passingOverListeners),
  seeing('refuses what is for everybody where nobody else is', 'custom.all', (others, to) =>
    to === undefined && others?.length === 0 ? undefined : others,
  ),
  tampered('sends who joins what was sent to everybody last', 'custom.all', () => {
    const last = new Map<string, Frame>()
    return {
      toClient: (frame) => {
        const room = textOf(frame, 'room')
        if (isCustom(frame) && !('to' in frame)) last.set(room, frame)
        const retained = frame['type'] === 'joined' ? last.get(room) : undefined
        return retained === undefined ? true : [frame, retained]
      },
    }
  }),
  tampered('sends everybody in each room of the sender what is for one room', 'custom.all', () => ({
    toServer: (frame, { notes }) => {
      const rooms = (notes.get('rooms') ?? new Set()) as Set<unknown>
      if (frame['type'] === 'join') notes.set('rooms', rooms.add(frame['room']))
      if (!isCustom(frame) || 'to' in frame || rooms.size < 2) return true
      const { id: _id, ...again } = frame
      return [
        frame,
        ...[...rooms].filter((room) => room !== frame['room']).map((room) => ({ ...again, room })),
      ]
    },
  })),
  tampered('sends what is for everybody once for each room that two members share', 'custom.order', () => {
    const rooms = new Map<unknown, Set<unknown>>()
    const of = (peer: unknown) => rooms.get(peer) ?? new Set()
    return {
      toClient: (frame, { notes }) => {
        if (frame['type'] === 'welcome') notes.set('peer', frame['peer'])
        const peer = notes.get('peer')
        if (frame['type'] === 'joined') rooms.set(peer, of(peer).add(frame['room']))
        if (!isCustom(frame) || 'to' in frame) return true
        return [...of(peer)].filter((room) => of(frame['from']).has(room)).map(() => frame)
      },
    }
  }),
  tampered(
    'delays what is for everybody',
    'custom.order',
    delivering((frame, passage) => {
      if ('to' in frame) return true
      setTimeout(() => {
        passage.toClient(frame)
      }, 15)
      return false
    }),
  ),
  tampered(
    'loses every tenth custom message',
    'custom.order',
    delivering((_frame, passage) => counted(passage, 'custom') % 10 !== 0),
  ),
  tampered(
    'says forbidden to who sends a custom message from outside',
    'custom.not-in-room',
    insteadOf('not-in-room', 'forbidden'),
  ),
  tampered(
    'says not-in-room for a custom message to nobody',
    'custom.peer-not-found',
    insteadOf('peer-not-found', 'not-in-room'),
  ),
  tampered(
    'says ok for a custom message to a former member',
    'custom.peer-not-found',
    takingForFormerMembers,
  ),
  tampered(
    'says not-in-room to a member that may not send',
    'custom.forbidden',
    insteadOf('forbidden', 'not-in-room'),
  ),
  tampered(
    'says peer-not-found for who has not asked for custom',
    'capabilities.peer-unsupported',
    insteadOf('peer-unsupported', 'peer-not-found'),
  ),
  tampered(
    'takes custom messages without room',
    'frames.bad-shape',
    () => ({
      toServer: (frame, passage) => {
        if (!isCustom(frame) || 'room' in frame || !('to' in frame)) return true
        if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      },
    }),
    { only: 'frames.bad-shape:custom' },
  ),
]
