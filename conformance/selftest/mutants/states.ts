import { checkClientMessageInCalls } from '@parley/schemas'
import type { Passage, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { counted, refusal, textOf, valid } from '../rule.ts'

/** Says that a message was accepted, in the place of the server, which does not get it. */
function takes(id: unknown, passage: Passage): false {
  if (typeof id === 'string') passage.toClient({ type: 'ok', ref: id })
  return false
}

/** Notes whether a connection has to authenticate, and how often it has left each room. */
const noting: Rule = (frame, passage) => {
  const type = textOf(frame, 'type')
  if (type === 'welcome') passage.notes.set('due', (frame['auth'] as readonly unknown[]).length > 0)
  if (type === 'authenticated') passage.notes.set('due', false)
  if (type === 'left') counted(passage, `left ${textOf(frame, 'room')}`)
  if (type === 'left' || type === 'joined')
    passage.notes.set(`in ${textOf(frame, 'room')}`, type === 'joined')
  return true
}

/** Refuses to go on with a session that has been resumed before and has had a gap since. */
function forgetsAfterGap(): { toServer: Rule; toClient: Rule } {
  const resumed = new Set<unknown>()
  const gapped = new Set<unknown>()
  return {
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'resumed') {
        resumed.add(notes.get('asked'))
        notes.set('session', notes.get('asked'))
      }
      const session = notes.get('session')
      if (frame['code'] === 'seq-gap' && resumed.has(session)) gapped.add(session)
      return true
    },
    toServer: valid('resume', (frame, passage) => {
      const { session } = frame
      passage.notes.set('asked', session)
      if (!gapped.has(session)) return true
      passage.toClient(refusal(frame, 'resume-failed'))
      return false
    }),
  }
}

/** Faults of what has been said before, which decides what may be said now. */
export const stateMutants: Mutants = [
  tampered('asks for authentication when hello comes a second time', 'connection.states', () => ({
    toClient: noting,
    toServer: valid('hello', (frame, passage) => {
      if (passage.notes.get('due') !== true) return true
      passage.toClient(refusal(frame, 'unauthenticated'))
      return false
    }),
  })),
  tampered('takes an update of who has left the room twice, and tells nobody', 'rooms.states', () => ({
    toClient: noting,
    toServer: valid('update', (frame, passage) => {
      const room = textOf(frame, 'room')
      const isOut =
        Number(passage.notes.get(`left ${room}`) ?? 0) >= 2 && passage.notes.get(`in ${room}`) === false
      return isOut ? takes(frame['id'], passage) : true
    }),
  })),
  tampered('takes a second busy of who has taken the call', 'ring.states', () => ({
    toServer: (frame, passage) => {
      if (!checkClientMessageInCalls(frame).ok) return true
      const taken = `taken ${textOf(frame, 'call')}`
      if (frame['type'] === 'accept') passage.notes.set(taken, true)
      const isBusy = frame['type'] === 'reject' && frame['reason'] === 'busy'
      return isBusy && passage.notes.get(taken) === true ? takes(frame['id'], passage) : true
    },
  })),
  tampered('resumes no session that had a gap after it was resumed', 'resume.states', forgetsAfterGap),
]
