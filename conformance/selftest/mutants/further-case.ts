import { misdirected, Occupancy, whenGranted } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage, Passed } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, isRelayed, isValid, refusal, textOf, valid, without } from '../rule.ts'
import { rewired } from '../wire-middleman.ts'
import { announcing, bytes, characters, refusing, sizeOf } from './limits.ts'

function isEndOfCandidates({ candidate }: Frame): boolean {
  return (candidate as Frame | undefined)?.['candidate'] === ''
}

/** Delivers ends of candidates that the server has refused as forbidden. */
function ungatedEnds(): MiddlemanRules {
  const passages = new Set<Passage>()
  return {
    passages,
    toServer: changed('candidate', (frame, { notes }) => {
      if (isEndOfCandidates(frame)) notes.set(`end ${textOf(frame, 'id')}`, frame)
      return true
    }),
    toClient: changed('error', (frame, { notes, peer }) => {
      const end = notes.get(`end ${textOf(frame, 'ref')}`) as Frame | undefined
      if (frame['code'] !== 'forbidden' || end === undefined) return true
      for (const passage of passages) if (passage.peer === end['to']) passage.toClient({ ...end, from: peer })
      return { type: 'ok', ref: frame['ref'] }
    }),
  }
}

/** Says nothing where the sender asks for no outcome and the receiver was a member once. */
function silentAboutFormer(): MiddlemanRules {
  const left = new Set<string>()
  return {
    toServer: changed('leave', (frame, { peer }) => {
      left.add(`${peer} ${textOf(frame, 'room')}`)
      return true
    }),
    toClient: changed(
      'error',
      (frame) =>
        frame['of'] !== 'candidate' ||
        'ref' in frame ||
        !left.has(`${textOf(frame, 'to')} ${textOf(frame, 'room')}`),
    ),
  }
}

/** Longest message that is taken at first, and after one that was longer. */
const taken = { first: 262_144, later: 65_536 }

/** Goes on with less room for a message after one that was too large. */
function smallerAfterLarge(): MiddlemanRules {
  return {
    toServer: (frame, passage, text): Passed => {
      const most = passage.notes.get('too large') === true ? taken.later : taken.first
      if (bytes(text) <= most) return true
      passage.notes.set('too large', true)
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  }
}

function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf))
}

/** Has the depth of a frame that was refused still in mind at those that follow. */
function depthLeaks(): MiddlemanRules {
  return {
    toServer: (frame, passage): Passed => {
      const levels = levelsOf(frame)
      if (levels <= (passage.notes.get('deep') === true ? 8 : 16)) return true
      if (levels > 16) passage.notes.set('deep', true)
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    },
  }
}

/** Tells rooms what the code of a client's close frame means where the server writes it. */
function closeCodesAreBelieved(): MiddlemanRules {
  const kicked = new Set<unknown>()
  return {
    onClientEnd: ({ peer }, code) => {
      if (code === 4403) kicked.add(peer)
      return true
    },
    toClient: changed('peer-left', (frame) =>
      kicked.has(frame['peer']) ? { ...frame, reason: 'kicked' } : true,
    ),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Knows each call id of a sender in one room alone. */
function callsHaveOneRoom(): MiddlemanRules {
  return {
    toServer: (frame, passage): Passed => {
      if (!isRelayed(frame) || !isValid(frame)) return true
      const key = `call ${textOf(frame, 'call')}`
      const room = passage.notes.get(key) ?? frame['room']
      passage.notes.set(key, room)
      if (room === frame['room']) return true
      passage.toClient(refusal(frame, 'peer-not-found'))
      return false
    },
  }
}

/** Messages whose data the server keeps or tells others of. */
const withData: ReadonlySet<unknown> = new Set(['join', 'update', 'invite'])

/** Bytes that the names of an object have beyond one for each character. */
function furtherBytesOfNames(value: unknown): number {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
  return names.reduce((sum, name) => sum + bytes(name) - characters(name), 0)
}

/** Faults that show in one further case of what is looked at anyhow: after something, at the same time as something, or in another form. */
export const furtherCaseMutants: Mutants = [
  tampered('delivers ends of candidates of members that may not send', 'relay.forbidden', ungatedEnds),
  tampered(
    'says nothing of a candidate without id to a peer that has left',
    'outcomes.failure-told',
    silentAboutFormer,
  ),
  tampered('says nothing of an update without id that is too large', 'outcomes.failure-told', () => ({
    toClient: changed(
      'error',
      (frame) => frame['code'] !== 'too-large' || frame['of'] !== 'update' || 'ref' in frame,
    ),
  })),
  tampered('ignores replaces where a hello was refused before', 'replaces.old-ends', () => ({
    toServer: valid('hello', (frame, { notes }) =>
      notes.get('refused') === true ? without(frame, 'replaces') : true,
    ),
    toClient: changed('error', (frame, { notes }) => {
      if (frame['of'] === 'hello') notes.set('refused', true)
      return true
    }),
  })),
  misdirected('keeps the last member that is replaced', 'rooms.empty', (inner) => {
    const ghosts = new Map<string, string>()
    const [rooms, replaced] = [new Set<string>(), new Set<string>()]
    const occupancy = new Occupancy()
    const { join, leave, disconnect } = occupancy.follow(inner)
    return {
      leave,
      peerOf: (session) => {
        const peer = inner.peerOf(session)
        if (peer !== undefined) replaced.add(peer)
        return peer
      },
      disconnect: (peer) => {
        for (const room of rooms) {
          const members = occupancy.of(room)
          if (replaced.has(peer) && members.size === 1 && members.has(peer)) ghosts.set(room, peer)
        }
        return disconnect(peer)
      },
      join: (room, member) => {
        rooms.add(room)
        const ghost = ghosts.get(room)
        return whenGranted(join(room, member), (granted) =>
          ghost === undefined ? granted : { ...granted, members: [...granted.members, { peer: ghost }] },
        )
      },
    }
  }),
  tampered('takes less after a message that was too large', 'limits.accept-size', smallerAfterLarge),
  tampered('measures -0 in data as it is written', 'limits.data', () => ({
    toServer: (frame, passage, text): Passed => {
      const signs = (text.match(/-0\b(?!\.)/g) ?? []).length
      if (frame['type'] !== 'update' || sizeOf(frame['data']) + signs <= 2048) return true
      passage.toClient(refusal(frame, 'too-large'))
      return false
    },
  })),
  tampered('measures names in data in characters', 'limits.data', () => ({
    ...announcing((limits) => ({ ...limits, dataBytes: 1024 })),
    ...refusing(
      'too-large',
      ({ type, data }) => withData.has(type) && sizeOf(data) - furtherBytesOfNames(data) > 1024,
    ),
  })),
  tampered('refuses 9 levels after a frame that was nested too deep', 'frames.goes-on', depthLeaks),
  rewired('cuts a connection at the 801st fragment of a message', 'websocket.fragments', () => ({
    toServer: (frame, wire) => {
      const count = frame.opcode === 0 ? Number(wire.notes.get('fragments') ?? 1) + 1 : 1
      if (frame.opcode < 8) wire.notes.set('fragments', count)
      if (count > 800) wire.cut()
      return true
    },
  })),
  tampered(
    'takes -0 for no integer',
    'frames.good-shape',
    () => ({
      toServer: (frame, passage, text): Passed => {
        if (!isValid(frame) || !/"sdpMLineIndex":-0[,}]/.test(text)) return true
        passage.toClient(refusal(frame, 'bad-message'))
        return false
      },
    }),
    { only: 'frames.good-shape:integers' },
  ),
  tampered('takes the close code 4403 of a client for kicked', 'rooms.lost', closeCodesAreBelieved),
  tampered('decodes the rooms of what it relays', 'rooms.name', () => ({
    toServer: (frame) => {
      const [room, meant] = [textOf(frame, 'room'), decoded(textOf(frame, 'room'))]
      return isRelayed(frame) && isValid(frame) && meant !== room ? { ...frame, room: meant } : true
    },
  })),
  tampered(
    'keeps a call id to the room where its sender used it first',
    'relay.no-call-state',
    callsHaveOneRoom,
  ),
  tampered(
    'ends a connection with internal for a candidate that is null',
    'frames.bad-shape',
    () => ({
      toServer: (frame) =>
        frame['type'] === 'candidate' && frame['candidate'] === null
          ? { type: 'ping', id: 'x-end-here' }
          : true,
      toClient: (frame, passage) => {
        if (frame['ref'] !== 'x-end-here') return true
        passage.toClient({ type: 'error', code: 'internal', message: 'null', fatal: true })
        passage.end(4450)
        return false
      },
    }),
    {
      says: /for a candidate whose candidate is null \(.*\), the first of \d+ frames that has no answer, but the error was internal$/,
    },
  ),
]
