import type { Telling } from '@parley/reference-server'
import { isOf, misrung, telling } from '../altered-calls.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isRelayed, refusal, without } from '../rule.ts'

const isInCall = (frame: Frame) => isRelayed(frame) && !('room' in frame)

const isCustom = ({ type }: Frame) => String(type).includes('.')

/** Loses what equals the message before it that its receiver got, its id apart. */
function dropsEqual(which: (frame: Frame) => boolean): () => MiddlemanRules {
  return () => ({
    toClient: (frame, passage) => {
      if (!which(frame)) return true
      const text = JSON.stringify(without(frame, 'id'))
      const isEqual = passage.notes.get('before') === text
      passage.notes.set('before', text)
      return !isEqual
    },
  })
}

/** Size of a message that the server announces where it is measured otherwise. */
const messageBytes = 70_000

/** Characters from which on a message goes another way, and how much longer that takes, in milliseconds. */
const detour = { from: 16_384, ms: 10 }

/** Devices of a user that are rung where not all of them are. */
const mostRung = 4

/** How long a call that is over is known where it is forgotten too early, in milliseconds. */
const knownMs = 5000

/** Rings a few devices of a user, and tells the others nothing of the call. */
function ringsFew(): ReturnType<typeof telling> {
  const unrung = new Map<string, ReadonlySet<string>>()
  return telling((tellings) => {
    const invites = tellings.filter(isOf('invite'))
    const [first] = invites
    if (first) unrung.set(first.call, new Set(invites.slice(mostRung).map(({ to }) => to)))
    return tellings.filter(({ call, to }: Telling) => !unrung.get(call)?.has(to))
  })
}

/** When each call was cancelled, and whether that is too long ago. */
class Cancelled {
  readonly #at = new Map<string, number>()

  add(call: string): void {
    this.#at.set(call, Date.now())
  }

  isOld(call: string): boolean {
    return Date.now() - (this.#at.get(call) ?? Infinity) > knownMs
  }
}

/** Faults that show with what is said more than once, with what is long, with many devices, or some time after the end of a call. */
export const repeatedCallMutants: Mutants = [
  tampered(
    'measures a message of a call with its sender',
    'limits.accept-size',
    () => ({
      toServer: (frame, passage, text) => {
        const from = isInCall(frame) ? Buffer.byteLength(`,"from":"${passage.peer}"`) : 0
        if (Buffer.byteLength(text) + from <= messageBytes) return true
        passage.toClient(refusal(frame, 'too-large'))
        return false
      },
    }),
    { server: { messageBytes } },
  ),
  tampered(
    'drops a candidate of a call that equals the message before it',
    'talk.as-in-a-room',
    dropsEqual((frame) => isInCall(frame) && frame['type'] === 'candidate'),
  ),
  tampered('drops a custom message that equals the one before it', 'custom.order', dropsEqual(isCustom)),
  tampered('lets short custom messages overtake long ones', 'custom.order', () => ({
    toClient: (frame, passage, text) => {
      if (!isCustom(frame) || text.length <= detour.from) return true
      setTimeout(() => {
        passage.toClient(text)
      }, detour.ms)
      return false
    },
  })),
  misrung('rings four devices of a user', 'ring.invited', ringsFew()),
  misrung('says call-state to the caller once the time of its call is over', 'ring.ended', (inner) => {
    const callers = new Map<string, string>()
    return {
      sweep: () => {
        const tellings = inner.sweep()
        for (const { call, to } of tellings.filter(isOf('reject', 'timeout'))) callers.set(call, to)
        return tellings
      },
      act: (call, event) => {
        const result = inner.act(call, event)
        const isOver = result.kind === 'refused' && result.code === 'call-ended'
        return isOver && callers.get(call) === event.by ? { ...result, code: 'call-state' } : result
      },
    }
  }),
  misrung('forgets a cancelled call five seconds after its end', 'ring.ended', (inner) => {
    const cancelled = new Cancelled()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (result.kind === 'done' && event.kind === 'cancel') cancelled.add(call)
        return result.kind === 'refused' && cancelled.isOld(call)
          ? { ...result, code: 'call-not-found' }
          : result
      },
    }
  }),
  misrung('takes the id of a call that was cancelled five seconds ago', 'ring.reused', (inner) => {
    const cancelled = new Cancelled()
    return {
      act: (call, event) => {
        const result = inner.act(call, event)
        if (result.kind === 'done' && event.kind === 'cancel') cancelled.add(call)
        return result
      },
      invite: (invitation) =>
        cancelled.isOld(invitation.id) ? { kind: 'done', tellings: [] } : inner.invite(invitation),
    }
  }),
]
