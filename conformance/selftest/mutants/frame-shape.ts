import type { Frame, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, refusal, textOf, without } from '../rule.ts'
import { selfTestTokens } from '../self-test-token.ts'

/** Mends some malformed frames before the server sees them, as if it took them as they are. */
function mends(type: string, mend: (frame: Frame) => Frame | undefined): () => { toServer: Rule } {
  return () => ({ toServer: changed(type, (frame) => mend(frame) ?? true) })
}

/** Answers some frames in the server's place. */
export function answers(
  which: (frame: Frame, text: string) => boolean,
  answer: (frame: Frame) => Frame | string,
): () => { toServer: Rule } {
  return () => ({
    toServer: (frame, passage, text) => {
      if (!which(frame, text)) return true
      passage.toClient(answer(frame))
      return false
    },
  })
}

/** Why a check of refs may fail as well. */
export const sameMessage = { 'outcomes.ref': 'it looks at the error about this very message' } as const

/** Faults in what the shape of a message may be. */
export const shapeMutants: Mutants = [
  tampered(
    'reads a type to its first U+0000 only',
    'frames.unknown-type',
    () => ({
      toServer: (frame) => {
        const [type = '', ...rest] = textOf(frame, 'type').split('\u0000')
        return rest.length === 0 ? true : { ...frame, type }
      },
    }),
    { consequences: { 'errors.context-equal': 'errors name the type as it was read' } },
  ),
  tampered(
    'announces a newcomer without saying who it is',
    'frames.shape',
    () => ({
      toClient: (frame) => (frame['type'] === 'peer-joined' ? without(frame, 'member') : true),
    }),
    {
      only: 'frames.shape:throughout,rooms.peer-joined:returned',
      consequences: { 'rooms.peer-joined': 'nobody is told who has come' },
    },
  ),
  tampered(
    'accepts an offer without sdp',
    'frames.bad-shape',
    mends('offer', (frame) => ('sdp' in frame ? undefined : { ...frame, sdp: '' })),
    {
      consequences: {
        ...sameMessage,
        'delivery.once': 'a message that was mended cannot be told from others',
      },
    },
  ),
  tampered(
    'accepts call ids in upper case',
    'frames.bad-shape',
    mends('hangup', (frame) =>
      typeof frame['call'] === 'string' && /^[0-9A-F]{32}$/.test(frame['call']) && /[A-F]/.test(frame['call'])
        ? { ...frame, call: frame['call'].toLowerCase() }
        : undefined,
    ),
  ),
  tampered(
    'accepts a fraction as negotiation of a candidate',
    'frames.bad-shape',
    mends('candidate', (frame) => (frame['negotiation'] === 1.5 ? { ...frame, negotiation: 1 } : undefined)),
  ),
  tampered(
    'accepts a candidate without usernameFragment',
    'frames.bad-shape',
    mends('candidate', (frame) => {
      const { candidate } = frame as { candidate?: object }
      const lacks =
        candidate instanceof Object && 'candidate' in candidate && !('usernameFragment' in candidate)
      return lacks ? { ...frame, candidate: { ...candidate, usernameFragment: 'Wk4v' } } : undefined
    }),
    { consequences: { 'frames.exact-names': 'its check writes that name in another case' } },
  ),
  tampered(
    'accepts 65536 as sdpMLineIndex',
    'frames.bad-shape',
    mends('candidate', (frame) => {
      const { candidate } = frame as { candidate?: Frame }
      return candidate?.['sdpMLineIndex'] === 65_536
        ? { ...frame, candidate: { ...candidate, sdpMLineIndex: 0 } }
        : undefined
    }),
  ),
  tampered(
    'accepts any word as reason of a hangup',
    'frames.bad-shape',
    mends('hangup', (frame) => (frame['reason'] === 'x' ? { ...frame, reason: 'normal' } : undefined)),
  ),
  tampered(
    'takes update without data for null',
    'frames.bad-shape',
    mends('update', (frame) => ('data' in frame ? undefined : { ...frame, data: null })),
    { consequences: sameMessage },
  ),
  tampered('accepts an empty id', 'frames.bad-shape', () => ({
    toServer: (frame) => (frame['id'] === '' && frame['type'] === 'ping' ? without(frame, 'id') : true),
  })),
  tampered('accepts ids of 65 characters', 'frames.bad-shape', () => ({
    toServer: (frame) =>
      typeof frame['id'] === 'string' && frame['id'].length === 65 ? without(frame, 'id') : true,
  })),
  tampered(
    'takes a bye with a malformed reason for a bye',
    'frames.bad-shape',
    mends('bye', (frame) =>
      'reason' in frame && typeof frame['reason'] !== 'string' ? without(frame, 'reason') : undefined,
    ),
  ),
  tampered(
    'accepts an agent that is a string',
    'frames.bad-shape',
    mends('hello', (frame) => (typeof frame['agent'] === 'string' ? without(frame, 'agent') : undefined)),
  ),
  tampered(
    'accepts versions that are no list',
    'frames.bad-shape',
    mends('hello', (frame) => (frame['versions'] === 7 ? { ...frame, versions: [1] } : undefined)),
  ),
  tampered(
    'answers an answer without call with peer-not-found',
    'frames.bad-shape',
    answers(
      (frame) => frame['type'] === 'answer' && !('call' in frame),
      (frame) => refusal(frame, 'peer-not-found'),
    ),
  ),
  tampered(
    'accepts a room name with a control character',
    'frames.bad-shape',
    mends('leave', (frame) =>
      typeof frame['room'] === 'string' && frame['room'].endsWith('\u007f')
        ? { ...frame, room: frame['room'].slice(0, -1) }
        : undefined,
    ),
    {
      consequences: { 'rooms.name': 'such a name is no room name' },
    },
  ),
  tampered(
    'accepts a token that is a number',
    'frames.bad-shape',
    mends('auth', (frame) =>
      typeof frame['token'] === 'number' ? { ...frame, token: selfTestTokens[0]?.token } : undefined,
    ),
  ),
]
