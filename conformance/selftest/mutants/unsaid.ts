import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, isRelayed, textOf, without } from '../rule.ts'

/**
 * Ends the calls of a peer that goes with a `hangup` in its name, as servers do that keep calls.
 *
 * @param listens - Whether it heeds a `hangup` of that peer.
 */
function hangsUpForOthers(listens: boolean): { toClient: Rule } {
  return {
    toClient: (frame, { notes, peer }) => {
      const hasHungUp = listens && frame['type'] === 'hangup'
      if (isRelayed(frame))
        notes.set(`call with ${textOf(frame, 'from')}`, hasHungUp ? undefined : frame['call'])
      const call = notes.get(`call with ${textOf(frame, 'peer')}`)
      if (frame['type'] !== 'peer-left' || call === undefined) return true
      const hangup = {
        type: 'hangup',
        to: peer,
        from: frame['peer'],
        room: frame['room'],
        call,
        reason: 'failed',
      }
      return [hangup, frame]
    },
  }
}

/** Bytes of a `joined` from which data is left out. */
const longJoined = 10_000

/** Milliseconds by which `peer-left` about a replaced peer comes late. */
const lateMs = 20

/** Keeps what is said to nobody to itself: a lonely member's update goes nowhere, and is not kept either. */
function forgetsLonelyUpdates(): MiddlemanRules {
  const others = (frame: Frame) => `others in ${textOf(frame, 'room')}`
  const count = ({ notes }: Passage, frame: Frame, by: number) =>
    notes.set(others(frame), ((notes.get(others(frame)) as number | undefined) ?? 0) + by)
  return {
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined')
        passage.notes.set(others(frame), (frame['members'] as readonly unknown[]).length)
      if (frame['type'] === 'peer-joined') count(passage, frame, 1)
      if (frame['type'] === 'peer-left') count(passage, frame, -1)
      return true
    },
    toServer: changed('update', (frame, passage) => {
      if (passage.notes.get(others(frame)) !== 0) return true
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return false
    }),
  }
}

/** What a server says that nobody has said, or leaves unsaid. */
export const unsaidMutants: Mutants = [
  tampered(
    'hangs up in the name of a peer that has gone',
    'delivery.only-sent',
    () => hangsUpForOthers(false),
    { consequences: { 'rooms.outsiders': 'the call may be over before' } },
  ),
  tampered('hangs up for a peer that has gone and has not done so itself', 'delivery.only-sent', () =>
    hangsUpForOthers(true),
  ),
  tampered('leaves data out of a long joined', 'rooms.members', () => ({
    toClient: changed('joined', (frame) =>
      JSON.stringify(frame).length <= longJoined
        ? true
        : {
            ...frame,
            members: (frame['members'] as readonly Frame[]).map((member) => without(member, 'data')),
          },
    ),
  })),
  tampered('forgets the update of a member that is alone', 'rooms.members', forgetsLonelyUpdates),
  tampered(
    'tells of a replaced peer only after welcome',
    'replaces.before-welcome',
    () => ({
      toClient: changed('peer-left', (frame, passage) => {
        if (frame['reason'] !== 'replaced') return true
        setTimeout(() => {
          passage.toClient(frame)
        }, lateMs)
        return false
      }),
    }),
    {
      consequences: {
        'rooms.revision': 'what comes in between overtakes it',
        'rooms.left-last': 'what comes in between overtakes it',
        'rooms.left-once': 'what comes in between overtakes it',
        'rooms.members': 'what comes in between overtakes it',
      },
    },
  ),
]
