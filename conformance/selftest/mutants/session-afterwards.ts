import type { Frame as Text, Resumable, Router, Seams } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { decorator, Occupancy, whenGranted, type SyncDirectory } from '../altered-directory.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { altered, tampered, type Mutant, type MutantOptions, type Mutants } from '../mutant.ts'
import { counted, refusal } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { hasResume, hearing, keeper, keeping, note, seqOf } from './session-rule.ts'

const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer

/** Seconds for which sessions wait where the end of that is waited for. */
const windowSeconds = 2

/** Seams that know which peers have resumed, and which are away, or were when their session ended. */
export type Knowing = (peers: {
  readonly resumed: Set<string>
  readonly waiting: ReadonlySet<string>
}) => Seams

/** A fault in how a peer is treated that has resumed, or whose session waits. */
export function treating(
  name: string,
  breaks: ServerRequirementId,
  seams: Knowing,
  { server = {}, ...options }: MutantOptions = {},
): Mutant {
  const start = () => {
    const [resumed, waiting] = [new Set<string>(), new Set<string>()]
    const decorateSessions = keeper((sessions) => ({
      wait: (peer) => {
        waiting.add(peerOf(peer))
        sessions.wait(peer)
      },
      connected: (peer) => {
        waiting.delete(peerOf(peer))
        resumed.add(peerOf(peer))
        sessions.connected(peer)
      },
      end: (peer) => {
        resumed.delete(peerOf(peer))
        sessions.end(peer)
      },
    }))
    return startReferenceServer(server, { ...seams({ resumed, waiting }), decorateSessions })
  }
  return altered(name, breaks, start, options)
}

/** Members that the rooms of the self-test have place for. */
const places = 8

/** Rooms that a peer of the self-test may be in. */
const roomsPerPeer = 12

/** Bytes of the longest message that the self-test's server takes. */
const messageBytes = 65_536

/** Counts members that have resumed twice. */
const countingTwice: Knowing = ({ resumed }) => ({
  decorateDirectory: decorator((inner: SyncDirectory) => {
    const occupancy = new Occupancy()
    const { join, ...rest } = occupancy.follow(inner)
    return {
      ...rest,
      join: (room, member) => {
        const there = occupancy.of(room)
        const twice = [...there].filter((peer) => resumed.has(peer)).length
        const isFull = !there.has(member.peer) && there.size + twice >= places
        return isFull ? { kind: 'full' } : join(room, member)
      },
    }
  }),
})

/** Takes a room for empty all of whose members are away. */
const forgettingTheAway: Knowing = ({ waiting }) => ({
  decorateDirectory: decorator((inner: SyncDirectory) => ({
    join: (room, member) =>
      whenGranted(inner.join(room, member), (granted) =>
        granted.members.every(({ peer }) => waiting.has(peer)) ? { ...granted, members: [] } : granted,
      ),
  })),
})

/** Announces who has resumed at its next join of each room that it is in. */
const announcingAnew: Knowing = ({ resumed }) => ({
  decorateDirectory: decorator((inner: SyncDirectory) => {
    const occupancy = new Occupancy()
    const announced = new Set<string>()
    const { join, ...rest } = occupancy.follow(inner)
    return {
      ...rest,
      join: (room, member) => {
        const key = `${member.peer} ${room}`
        const isThere = occupancy.of(room).has(member.peer)
        const result = join(room, member)
        if (!isThere || !resumed.has(member.peer) || announced.has(key)) return result
        announced.add(key)
        const { notices = [], members = [], revision = 0 } = 'self' in result ? result : {}
        const all = notices.length > 0 ? notices : members.map(({ peer }) => ({ peer, revision }))
        return whenGranted(result, (granted) => ({ ...granted, kind: 'entered', notices: all }))
      },
    }
  }),
})

/** Has no message to all delivered to who has resumed. */
const passingOver: Knowing = ({ resumed }) => ({
  decorateRouter: (router: Router) => ({
    attach: (receiver) => router.attach(receiver),
    detach: (peer) => router.detach(peer),
    end: (...args) => router.end(...args),
    deliver: (peer: string, frame: Text) => {
      const text = String(frame)
      const isToAll = text.includes('"com.example.raise-hand"') && !text.includes('"to":')
      return isToAll && resumed.has(peer) ? undefined : router.deliver(peer, frame)
    },
  }),
})

/** Whether a peer is in so many rooms that twice as many are too many. */
const countingRoomsTwice: Knowing = ({ resumed }) => ({
  decorateDirectory: decorator((inner: SyncDirectory) => {
    const rooms = new Map<string, Set<string>>()
    return {
      join: (room, member) => {
        const own = rooms.get(member.peer) ?? new Set<string>()
        rooms.set(member.peer, own)
        if (resumed.has(member.peer) && 2 * own.size >= roomsPerPeer && !own.has(room))
          return { kind: 'too-many-rooms' }
        own.add(room)
        return inner.join(room, member)
      },
    }
  }),
})

/** Counts what a session has of something twice once it has been resumed. */
function countingAgain(
  type: 'invite' | 'watch',
  weigh: (frame: Frame) => number,
  limitOf: (capabilities: Record<string, Record<string, number> | undefined>) => number | undefined,
): () => MiddlemanRules {
  return () => {
    /** So much of it by the secrets of sessions. */
    const totals = new Map<unknown, number>()
    return {
      toClient: (frame, { notes }) => {
        if (frame['type'] !== 'welcome') return true
        notes.set('of', frame['session'])
        notes.set('limit', limitOf(frame['capabilities'] as Record<string, Record<string, number>>))
        return true
      },
      toServer: (frame, passage) => {
        const { notes } = passage
        if (frame['type'] === 'resume') {
          notes.set('of', frame['session'])
          notes.set('resumed', true)
          totals.set(frame['session'], 2 * (totals.get(frame['session']) ?? 0))
        }
        if (frame['type'] !== type) return true
        const total = (totals.get(notes.get('of')) ?? 0) + weigh(frame)
        // Before the first resume the server counts, and lets go of what has ended.
        if (notes.has('resumed') && total > Number(notes.get('limit') ?? Infinity)) {
          passage.toClient(refusal(frame, 'forbidden'))
          return false
        }
        totals.set(notes.get('of'), total)
        return true
      },
    }
  }
}

/** Milliseconds within which a connection that has resumed and has ended was closed at once. */
const atOnceMs = 30

/** Ties a session to a connection that was gone as soon as it had resumed it. */
function tying(isLost: boolean): Parameters<typeof keeping>[2] {
  return (sessions) => {
    const resumedAt = new Map<Resumable, number>()
    const tied = new Set<Resumable>()
    return {
      connected: (peer) => {
        resumedAt.set(peer, performance.now())
        tied.delete(peer)
        sessions.connected(peer)
      },
      wait: (peer) => {
        const isAtOnce = performance.now() - (resumedAt.get(peer) ?? -Infinity) < atOnceMs
        if (isAtOnce) tied.add(peer)
        if (isLost || !isAtOnce) sessions.wait(peer)
      },
      find: (secret, client, ack) => {
        const owner = sessions.find(secret, client, ack)
        return isLost && owner !== undefined && tied.has(owner) ? undefined : owner
      },
    }
  }
}

/** Faults in what is to be after a resume as it was before. */
export const sessionAfterwardsMutants: Mutants = [
  treating('passes over who has resumed with a custom message to all', 'resume.goes-on', passingOver),
  tampered('names who has resumed by the peer id of its new connection as from', 'resume.goes-on', () => {
    const temporary = new Map<unknown, string>()
    return {
      toClient: (frame, passage) => {
        if (frame['type'] === 'resumed') temporary.set(frame['peer'], passage.peer)
        const from = frame['type'] === 'com.example.raise-hand' ? temporary.get(frame['from']) : undefined
        return from === undefined ? true : { ...frame, from }
      },
    }
  }),
  keeping(
    'resumes with an ack of 0 though more was acknowledged',
    'resume.failed',
    (sessions, known) => ({
      find: (secret, client, ack) => {
        const sequence = known.get(secret)?.numbers?.sequence
        const kept = sequence === undefined ? 0 : sequence.sent - sequence.unacknowledged.length
        return sessions.find(secret, client, ack === 0 ? kept : ack)
      },
    }),
    { only: 'resume.failed:ack-below', says: /whose ack is 0/ },
  ),
  tampered(
    'lets a session wait after the third failure to authenticate',
    'resume.fatal',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        if (frame['code'] === 'auth-failed') counted(passage, 'failures')
        return true
      },
      toServer: (frame, passage) => {
        if (frame['type'] !== 'auth' || !hasResume(passage) || passage.notes.get('failures') !== 2)
          return true
        passage.toClient({ ...refusal(frame, 'auth-failed'), fatal: true })
        passage.end(4401)
        return false
      },
    }),
    { server: { resumeSeconds: windowSeconds }, only: 'resume.fatal:auth-failed' },
  ),
  treating('announces who has resumed when it joins a room again', 'rooms.rejoin', announcingAnew, {
    consequences: { 'rooms.revision': 'what is sent once too often has a revision' },
  }),
  keeping(
    'counts the failures to authenticate of a session',
    'auth.third-failure',
    (sessions) => ({
      find: (secret, client, ack) => {
        const owner = sessions.find(secret, client, ack) as (Resumable & { authFailures: number }) | undefined
        const failures = owner?.authFailures ?? 0
        if (owner !== undefined) queueMicrotask(() => (owner.authFailures = failures))
        return owner
      },
    }),
    { only: 'auth.third-failure:resumed' },
  ),
  treating('takes a place for a member and one for its resume', 'resume.unseen', countingTwice, {
    only: 'resume.unseen,resume.unseen:place',
  }),
  treating('forgets a room all of whose members are away', 'resume.unseen', forgettingTheAway, {
    only: 'resume.unseen,resume.unseen:alone',
  }),
  treating('counts the rooms of who has resumed twice', 'limits.rooms', countingRoomsTwice, {
    only: 'limits.rooms,limits.rooms:resumed',
  }),
  tampered(
    'counts the calls of who has resumed twice',
    'ring.calls-per-peer',
    countingAgain(
      'invite',
      () => 1,
      ({ calls }) => calls?.['callsPerPeer'],
    ),
    { only: 'ring.calls-per-peer,ring.calls-per-peer:freed,ring.calls-per-peer:resumed' },
  ),
  tampered(
    'counts the watches of who has resumed twice',
    'watch.limit',
    countingAgain(
      'watch',
      ({ users }) => (users as readonly unknown[]).length,
      ({ discovery }) => discovery?.['watches'],
    ),
    { only: 'watch.limit,watch.limit:resumed' },
  ),
  keeping('resumes no session whose client was gone again at once', 'resume.resumed', tying(true), {
    only: 'resume.resumed,resume.resumed:brief',
  }),
  keeping(
    'lets a session wait for ever whose client was gone again at once',
    'resume.window-over',
    tying(false),
    {
      server: { resumeSeconds: windowSeconds },
      only: 'resume.window-over,resume.window-over:brief',
    },
  ),
  tampered(
    'takes the number of a message that is too large',
    'seq.taken',
    hearing((frame, passage, text) => {
      const seq = seqOf(frame)
      if (seq !== undefined && seq === passage.notes.get('taken')) return false
      if (seq === undefined || Buffer.byteLength(text) <= messageBytes) return true
      passage.notes.set('taken', seq)
      passage.toClient(refusal(frame, 'too-large'))
      return false
    }),
    {
      server: { messageBytes },
      only: 'seq.taken,seq.taken:too-large',
      says: /with number 2, after a hangup/,
    },
  ),
  tampered(
    'takes no number of a message before auth',
    'seq.taken',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        return true
      },
      toServer: (frame, passage) => {
        // It may have been sent right behind hello.
        if (frame['type'] === 'auth') passage.notes.set('auth', true)
        if (seqOf(frame) === undefined || !hasResume(passage) || passage.notes.has('auth')) return true
        passage.toClient({ ...refusal(frame, 'unauthenticated'), seq: 1 })
        return false
      },
    }),
    { only: 'seq.taken,seq.taken:unauthenticated' },
  ),
  tampered(
    'says what is so now where it sends presence again',
    'resume.meanwhile',
    () => {
      /** The last data of each member, by peer. */
      const data = new Map<unknown, unknown>()
      return {
        toServer: (frame, { peer }) => {
          if (frame['type'] !== 'join' && frame['type'] !== 'update') return true
          if (frame['data'] !== undefined) data.set(peer, frame['data'])
          return true
        },
        toClient: (frame, passage) => {
          note(frame, passage)
          const member = passage.notes.has('resumed') ? (frame['member'] as Frame | undefined) : undefined
          const latest = data.get(member?.['peer'])
          return latest === undefined ? true : { ...frame, member: { ...member, data: latest } }
        },
      }
    },
    { only: 'resume.meanwhile:presence' },
  ),
]
