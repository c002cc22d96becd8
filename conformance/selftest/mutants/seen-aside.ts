import { defaultHandlers } from '@parley/reference-server'
import { handling, presenceOver, servicesWith } from '../altered-presence.ts'
import { misrung } from '../altered-calls.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { textOf } from '../rule.ts'
import { over } from './discovery-listing.ts'
import { keeping } from './session-rule.ts'

/** Milliseconds for which the news that somebody has come is held back. */
const heldMs = 3

/** Tells nobody of a member that has left again before the others were told that it had come. */
function coalescing(): MiddlemanRules {
  const gone = new Set<string>()
  const key = (peer: unknown, { room }: Frame) => `${String(peer)} ${String(room)}`
  return {
    toServer: (frame, passage) => {
      if (frame['type'] === 'leave') gone.add(key(passage.peer, frame))
      if (frame['type'] === 'join') gone.delete(key(passage.peer, frame))
      return true
    },
    onClientEnd: (passage) => {
      gone.add(passage.peer)
      return true
    },
    toClient: async (frame, { notes }) => {
      const counted = `untold in ${textOf(frame, 'room')}`
      if (frame['type'] === 'joined') notes.set(counted, 0)
      const untold = (notes.get(counted) as number | undefined) ?? 0
      const skips = () => {
        notes.set(counted, untold + 1)
        return false
      }
      if (frame['type'] === 'peer-joined') {
        const peer = (frame['member'] as Frame)['peer']
        await new Promise((resolve) => setTimeout(resolve, heldMs))
        if (gone.has(key(peer, frame)) || gone.has(String(peer))) {
          notes.set(key(peer, frame), true)
          return skips()
        }
      }
      if (frame['type'] === 'peer-left' && notes.delete(key(frame['peer'], frame))) return skips()
      const { revision } = frame
      return typeof revision === 'number' && untold > 0 ? { ...frame, revision: revision - untold } : true
    },
  }
}

/** Leaves out the `ok` to some messages. */
function withoutOk(which: (message: Frame) => boolean): () => MiddlemanRules {
  return () => ({
    toServer: (frame, { notes }) => {
      if ('id' in frame) notes.set(`ok to ${textOf(frame, 'id')}`, which(frame))
      return true
    },
    toClient: (frame, { notes }) =>
      frame['type'] !== 'ok' || notes.get(`ok to ${textOf(frame, 'ref')}`) !== true,
  })
}

/** Faults that other checks than their own come by as well, most of them at a step that only leads to what they look at. */
export const seenAsideMutants: Mutants = [
  tampered('tells nobody of who joins and leaves at once', 'rooms.peer-joined', coalescing, {
    consequences: {
      'connection.bye': 'a join right before bye is told to nobody',
      'rooms.left-once': 'a membership that was over at once is told to nobody',
    },
  }),
  tampered(
    'says nothing of an ack with id',
    'outcomes.ok',
    withoutOk(({ type }) => type === 'ack'),
    {
      consequences: {
        'ack.old': 'its check waits for ok',
        'frames.bad-shape': 'its check waits for ok',
        'frames.good-shape': 'its check waits for ok',
        'limits.accept-size': 'its check waits for ok',
      },
    },
  ),
  tampered(
    'says nothing of a reject with reason busy',
    'outcomes.ok',
    withoutOk(({ type, reason }) => type === 'reject' && reason === 'busy'),
    {
      consequences: {
        'ring.busy': 'its check waits for ok',
        'ring.endpoint-lost': 'its check waits for ok',
        'ring.invited': 'its check waits for ok',
        'ring.states': 'its walk waits for ok',
      },
    },
  ),
  handling(
    'begins a search behind its prefix',
    'find.complete',
    'find',
    () => (message, client, services, frame) => {
      const { directory, presence } = services
      const behind = <T extends { readonly prefix: string; readonly after: string | undefined }>(
        wanted: T,
      ) => ({
        ...wanted,
        after: wanted.after ?? (wanted.prefix === '' ? undefined : wanted.prefix),
      })
      const altered = servicesWith(services, {
        directory: over(directory, { listRooms: (wanted) => directory.listRooms(behind(wanted)) }),
        presence: presenceOver(presence, { onlineUsers: (wanted) => presence.onlineUsers(behind(wanted)) }),
      })
      return defaultHandlers.find(message, client, altered, frame)
    },
    {
      consequences: {
        'find.own-rooms': 'its checks look for rooms by their whole names',
        'find.own-user': 'its check looks for a user by the whole name',
        'find.sight': 'its check looks for a user by the whole name',
        'find.present': 'its check looks for a room by the whole name',
      },
    },
  ),
  misrung('forgets a call with a party of it that is lost', 'ring.ended', (inner) => {
    const forgotten = new Set<string>()
    return {
      detach: (peer) => {
        const told = inner.detach(peer)
        for (const { call } of told) forgotten.add(call)
        return told
      },
      act: (call, event) => {
        const result = inner.act(call, event)
        return forgotten.has(call) && result.kind === 'refused' && result.code === 'call-ended'
          ? { ...result, code: 'call-not-found' }
          : result
      },
    }
  }),
  keeping('takes a number with a resume that it refuses', 'resume.failure-keeps', (sessions) => ({
    find: (secret, client, ack) => {
      const found = sessions.find(secret, client, ack)
      const sequence = client.numbers?.sequence
      if (found === undefined && sequence !== undefined) sequence.take(sequence.received + 1)
      return found
    },
  })),
]
