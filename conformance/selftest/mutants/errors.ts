import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { isValid, without, textOf } from '../rule.ts'

/** Changes some errors of the server. */
function errors(
  which: (frame: Frame) => boolean,
  change: (frame: Frame, passage: Passage) => Frame | boolean | readonly Frame[],
): () => MiddlemanRules {
  return () => ({
    toClient: (frame, passage) => (frame['type'] === 'error' && which(frame) ? change(frame, passage) : true),
  })
}

const about = (type: string) => (frame: Frame) => frame['of'] === type
const coded = (code: string) => (frame: Frame) => frame['code'] === code

/** Ends the connection after some errors that are not fatal. */
function endsAfter(which: (frame: Frame) => boolean): () => MiddlemanRules {
  return errors(which, (frame, passage) => {
    passage.toClient(frame)
    passage.end(1008)
    return false
  })
}

/** Faults of spec/outcomes.md, section Errors. */
export const errorMutants: Mutants = [
  tampered(
    'has a code of its own for an update from outside',
    'errors.code',
    errors(about('update'), (frame) =>
      frame['code'] === 'not-in-room' ? { ...frame, code: 'com.example.not-a-member' } : true,
    ),
    {
      consequences: {
        'rooms.outsiders': 'its check looks for the code',
        'rooms.update-not-in-room': 'the code is another',
        'replaces.new-identity': 'its check looks for the code',
      },
    },
  ),
  tampered(
    'says invalid-message',
    'errors.code',
    errors(
      (frame) => frame['code'] === 'bad-message' && frame['of'] === 'join',
      (frame) => ({ ...frame, code: 'com.example.invalid' }),
    ),
    {
      consequences: {
        'frames.bad-shape': 'the code is another',
        'frames.forged-from': 'the code is another',
        'frames.forged-ref': 'the code is another',
        'frames.hop-members': 'the code is another',
        'frames.dollar-name': 'the code is another',
        'rooms.name': 'the code is another',
        'relay.beyond-i-json': 'the code is another',
        'relay.duplicate-names': 'the code is another',
      },
    },
  ),
  tampered(
    'says that hello-required is not fatal',
    'errors.fatal-flag',
    errors(coded('hello-required'), (frame) => ({ ...frame, fatal: false })),
  ),
  tampered(
    'says that replaced is not fatal',
    'errors.fatal-flag',
    errors(coded('replaced'), (frame) => ({ ...frame, fatal: false })),
    {
      consequences: {
        'replaces.old-ends': 'replaced is fatal',
        'replaces.unknown': 'its controls look for a fatal error',
      },
    },
  ),
  tampered(
    'says that peer-not-found is fatal',
    'errors.fatal-flag',
    errors(coded('peer-not-found'), (frame) => ({ ...frame, fatal: true })),
    {
      consequences: {
        'errors.fatal-ends': 'the connection goes on',
        'relay.peer-not-found': 'the error is not fatal',
      },
    },
  ),
  tampered('says something after a fatal error', 'errors.fatal-ends', () => ({
    toClient: (frame) =>
      frame['type'] === 'error' && frame['fatal'] === true ? [frame, { type: 'pong' }] : true,
  })),
  tampered('goes on after hello-required', 'errors.fatal-ends', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] === 'hello') passage.notes.set('greeted', true)
      if (passage.notes.has('greeted') || frame['type'] !== 'ping' || !isValid(frame)) return true
      passage.toClient({
        type: 'error',
        code: 'hello-required',
        message: 'Hello?',
        fatal: true,
        ...('id' in frame ? { ref: frame['id'] } : {}),
      })
      return false
    },
  })),
  tampered(
    'says nothing when there is no version in common',
    'errors.fatal-first',
    errors(coded('unsupported-version'), () => false),
    {
      consequences: {
        'versions.none-in-common': 'the error is missing',
        'replaces.old-ends': 'its check waits for that error',
      },
    },
  ),
  tampered(
    'says nothing to a connection that is replaced',
    'errors.fatal-first',
    errors(coded('replaced'), () => false),
    {
      consequences: {
        'replaces.old-ends': 'the error is missing',
        'replaces.unknown': 'its controls wait for the error',
      },
    },
  ),
  tampered(
    'says bad-message before it ends for a missing hello',
    'errors.fatal-first',
    errors(coded('hello-required'), (frame) => ({ ...frame, code: 'bad-message', fatal: false })),
    {
      consequences: {
        'connection.hello-first': 'the code is another',
        'errors.goes-on': 'the connection ends',
        'frames.goes-on': 'the connection ends',
      },
    },
  ),
  tampered(
    'ends the connection after unexpected-message',
    'errors.goes-on',
    endsAfter(coded('unexpected-message')),
    {
      consequences: {
        'connection.second-hello': 'the connection ends',
        'outcomes.failure-told': 'the connection ends',
        'outcomes.exactly-one': 'the connection ends',
        'errors.context': 'the connection ends',
        'errors.context-equal': 'the connection ends',
        'errors.code': 'the connection ends',
        'errors.fatal-flag': 'the connection ends',
        'auth.none': 'the connection ends',
      },
    },
  ),
  tampered(
    'ends the connection after the first auth-failed',
    'errors.goes-on',
    endsAfter((frame) => frame['code'] === 'auth-failed'),
    {
      consequences: {
        'errors.fatal-flag': 'the connection ends',
        'auth.third-failure': 'the connection ends',
        'auth.failed': 'the connection ends',
        'auth.failure-keeps': 'the connection ends',
        'auth.required': 'the connection ends',
        'auth.not-echoed': 'the connection ends',
        'errors.fatal-first': 'the connection ends',
      },
    },
  ),
  tampered(
    'ends the membership of who updates another room',
    'errors.goes-on',
    () => {
      return {
        toServer: (frame, passage) => {
          if (frame['type'] === 'join') passage.notes.set('room', frame['room'])
          return true
        },
        toClient: (frame, passage) => {
          if (
            frame['type'] === 'error' &&
            frame['of'] === 'update' &&
            frame['code'] === 'not-in-room' &&
            passage.notes.has('room')
          ) {
            passage.notes.set('leaving', true)
            passage.toServer({ type: 'leave', room: passage.notes.get('room') })
          }
          return frame['type'] !== 'left' || 'ref' in frame || !passage.notes.delete('leaving')
        },
      }
    },
    {
      consequences: {
        'outcomes.failure-told': 'its check stays in the room',
        'errors.code': 'its check stays in the room',
        'errors.context': 'its check stays in the room',
        'errors.context-equal': 'its check stays in the room',
        'errors.fatal-flag': 'its check stays in the room',
        'rooms.update-not-in-room': 'its check stays in a room',
      },
    },
  ),
  tampered(
    'cuts the room of an error',
    'errors.context-equal',
    errors(
      (frame) => 'room' in frame,
      (frame) => ({ ...frame, room: textOf(frame, 'room').slice(0, 16) }),
    ),
  ),
  tampered(
    'names itself as receiver in errors',
    'errors.context-equal',
    errors(
      (frame) => 'to' in frame,
      (frame, passage) => ({ ...frame, to: passage.peer }),
    ),
  ),
  tampered(
    'says of relay in errors about candidates',
    'errors.context-equal',
    errors(about('candidate'), (frame) => ({ ...frame, of: 'relay' })),
  ),
  tampered(
    'leaves call out of errors',
    'errors.context',
    errors(
      () => true,
      (frame) => without(frame, 'call'),
    ),
  ),
  tampered(
    'leaves of out of errors about auth',
    'errors.context',
    errors(about('auth'), (frame) => without(frame, 'of')),
  ),
  tampered('closes with 1011 after a fatal error', 'errors.close-code', () => ({
    binding: { closeCode: (code) => (code >= 4400 ? 1011 : code) },
  })),
]
