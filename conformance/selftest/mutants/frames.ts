import type { Frame, Passage, Passed, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, counted, isRelayed, refusal, without } from '../rule.ts'
import { acceptanceMutants } from './frame-acceptance.ts'
import { answers, sameMessage, shapeMutants } from './frame-shape.ts'

/** Rewrites the text of some frames of the kit. */
function rewrites(rewrite: (text: string) => string): () => { toServer: Rule } {
  return () => ({
    toServer: (_frame, _passage, text): Passed => {
      const rewritten = rewrite(text)
      return rewritten === text ? true : rewritten
    },
  })
}

/** Leaves out members that clients may not write, as if they did not matter. */
function ignores(which: (name: string, value: unknown, frame: Frame) => boolean): () => { toServer: Rule } {
  return () => ({
    toServer: (frame) => {
      const names = Object.entries(frame).flatMap(([name, value]) =>
        which(name, value, frame) ? [name] : [],
      )
      return names.length === 0 ? true : without(frame, ...names)
    },
  })
}

const isObjectText = (text: string) => /^\s*\{/.test(text) && text.trim().endsWith('}')

/** Says that a frame is refused, and does it all the same. */
function actsOnRefused(
  which: (frame: Frame) => boolean,
  mend: (frame: Frame) => Frame,
): () => { toServer: Rule } {
  return () => ({
    toServer: (frame, passage) => {
      if (!which(frame)) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return without(mend(frame), 'id')
    },
  })
}

/** Notes what is refused, by the errors that come back. */
function afterRefusals(
  act: (passage: Passage, count: number, error: Frame) => void,
): () => { toClient: Rule } {
  return () => ({
    toClient: changed('error', (frame, passage) => {
      const isRefusal = frame['code'] === 'bad-message' || frame['code'] === 'unsupported-type'
      if (isRefusal)
        queueMicrotask(() => {
          act(passage, counted(passage, 'refusals'), frame)
        })
      return true
    }),
  })
}

/** Faults of spec/frames.md in what is sent and in what is refused. */
const refusalMutants: Mutants = [
  tampered(
    'sends an array after each left',
    'frames.object',
    () => ({
      toClient: (frame, _passage, text) => (frame['type'] === 'left' ? [text, '[]'] : true),
    }),
    {
      provokedBy: 'rooms.leave',
      consequences: { 'capabilities.core-only': 'a frame without a type is of none that Core has' },
    },
  ),
  tampered(
    'sends a text of its own after welcome',
    'frames.object',
    () => ({
      toClient: (frame, _passage, text) => (frame['type'] === 'welcome' ? [text, 'h'] : true),
    }),
    {
      provokedBy: 'connection.welcome',
      consequences: { 'capabilities.core-only': 'a frame without a type is of none that Core has' },
    },
  ),
  tampered(
    'writes fatal twice into errors',
    'frames.object',
    () => ({
      toClient: (frame, _passage, text) =>
        frame['type'] === 'error' ? `{"fatal":${String(frame['fatal'])},${text.slice(1)}` : true,
    }),
    { provokedBy: 'frames.not-object' },
  ),
  tampered(
    'cuts a surrogate pair in the texts of errors',
    'frames.object',
    () => ({
      toClient: changed('error', (frame) => ({ ...frame, message: `${String(frame['message'])} \ud83d` })),
    }),
    { provokedBy: 'frames.not-object' },
  ),
  tampered(
    'sends pong with seq',
    'frames.shape',
    () => ({
      toClient: changed('pong', (frame) => ({ ...frame, seq: 1 })),
    }),
    {
      provokedBy: 'connection.pong',
      consequences: { 'seq.unnumbered': 'a pong has no number where others have' },
    },
  ),
  tampered(
    'leaves message out of some errors',
    'frames.shape',
    () => ({
      toClient: changed('error', (frame) => (frame['of'] === 'leave' ? without(frame, 'message') : true)),
    }),
    { provokedBy: 'rooms.leave-not-in-room' },
  ),

  tampered(
    'ignores frames that are not JSON',
    'frames.not-object',
    () => ({
      toServer: (frame) => 'type' in frame,
    }),
    {
      consequences: {
        'frames.no-type': 'it ignores all that has no type',
        'outcomes.failure-told': 'and says nothing',
        'outcomes.ref': 'there is no error that could have one',
        'connection.hello-first': 'nor before hello',
      },
    },
  ),
  tampered(
    'takes the first item of an array for the message',
    'frames.not-object',
    rewrites((text) => {
      const item = /^\[(\{.*\})\]$/.exec(text)?.[1]
      return item ?? text
    }),
  ),
  tampered(
    'answers JSON null with unsupported-type',
    'frames.not-object',
    answers(
      (_frame, text) => text === 'null',
      () => refusal({}, 'unsupported-type'),
    ),
  ),
  tampered(
    'reads NaN as a number',
    'frames.not-object',
    rewrites((text) => text.replace(/:(NaN|-Infinity)\b/g, ':0')),
  ),
  tampered(
    'reads no further than the first value',
    'frames.not-object',
    rewrites((text) => /^(\{"type":"ping"\})./s.exec(text)?.[1] ?? text),
  ),
  tampered(
    'reads raw control characters in strings',
    'frames.not-object',
    rewrites((text) => text.replace('a\tb', 'a\\tb')),
  ),

  tampered(
    'takes an object without type for a ping',
    'frames.no-type',
    () => ({
      toServer: (frame, { peer }) =>
        peer === '' || 'type' in frame || !('message' in frame) ? true : { type: 'ping', ...frame },
    }),
    { consequences: { 'outcomes.ref': 'it looks at the error about such an object' } },
  ),
  tampered(
    'answers a type that is no string with unsupported-type',
    'frames.no-type',
    answers(
      (frame) => 'type' in frame && typeof frame['type'] !== 'string' && typeof frame['id'] === 'string',
      (frame) => refusal(without(frame, 'type'), 'unsupported-type'),
    ),
  ),

  tampered(
    'overwrites from without a word',
    'frames.forged-from',
    ignores((name) => name === 'from'),
    { consequences: sameMessage },
  ),
  tampered(
    'ignores a from of null',
    'frames.forged-from',
    ignores((name, value) => name === 'from' && value === null),
  ),
  tampered(
    'refuses a forged sender, and delivers the message',
    'frames.forged-from',
    actsOnRefused(
      (frame) => isRelayed(frame) && 'from' in frame,
      (frame) => without(frame, 'from'),
    ),
    {
      consequences: {
        'frames.goes-on': 'a refused frame has an effect',
        'delivery.once': 'a message that was mended cannot be told from others',
      },
    },
  ),
  tampered(
    'ignores a forged sender in join',
    'frames.forged-from',
    ignores((name, _value, frame) => name === 'from' && frame['type'] === 'join'),
  ),
  tampered(
    'ignores ref',
    'frames.forged-ref',
    ignores((name) => name === 'ref'),
    { consequences: sameMessage },
  ),
  tampered(
    'ignores ref in candidates',
    'frames.forged-ref',
    ignores((name, _value, frame) => name === 'ref' && frame['type'] === 'candidate'),
  ),
  tampered(
    'ignores seq and ack',
    'frames.hop-members',
    ignores((name) => name === 'seq' || name === 'ack'),
  ),
  tampered(
    'ignores an ack of 0',
    'frames.hop-members',
    ignores((name, value) => name === 'ack' && value === 0),
  ),
  tampered(
    'ignores names that begin with $',
    'frames.dollar-name',
    ignores((name) => name.startsWith('$')),
    { consequences: sameMessage },
  ),
  tampered(
    'ignores names of reverse domains that begin with $',
    'frames.dollar-name',
    ignores((name) => /^\$.*\./.test(name)),
  ),
  tampered(
    'ignores a name that begins with $ in hello',
    'frames.dollar-name',
    ignores((name, _value, frame) => name.startsWith('$') && frame['type'] === 'hello'),
  ),

  tampered(
    'answers unknown types with bad-message',
    'frames.unknown-type',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'unsupported-type' ? { ...frame, code: 'bad-message' } : true,
      ),
    }),
    { consequences: { 'capabilities.not-in-force': 'types of capabilities are unknown too' } },
  ),
  tampered(
    'reads types in any case',
    'frames.unknown-type',
    () => ({
      toServer: (frame) =>
        typeof frame['type'] === 'string' &&
        /^[A-Z]+$/i.test(frame['type']) &&
        frame['type'] !== frame['type'].toLowerCase()
          ? { ...frame, type: frame['type'].toLowerCase() }
          : true,
    }),
    {
      consequences: {
        'frames.exact-names': 'values are compared exactly',
        'errors.context-equal': 'errors name the type as it was read',
      },
    },
  ),
  tampered(
    'says not-in-room to what only servers send',
    'frames.unknown-type',
    answers(
      (frame) => new Set<unknown>(['welcome', 'joined', 'peer-left']).has(frame['type']),
      (frame) => refusal(frame, 'not-in-room'),
    ),
    { consequences: { 'auth.required': 'a welcome written by a client is sent there too' } },
  ),
  tampered('trims types', 'frames.unknown-type', () => ({
    toServer: (frame) => (frame['type'] === 'ping ' ? { ...frame, type: 'ping' } : true),
  })),

  tampered(
    'ends the connection after fifty refused frames',
    'frames.goes-on',
    afterRefusals((passage, count) => {
      if (count === 50) passage.end(1008)
    }),
    {
      consequences: {
        'frames.bad-shape': 'it takes that many frames to look at a long message',
        'errors.goes-on': 'an error that is not fatal ends a connection',
      },
    },
  ),
  tampered(
    'ends the connection after a hundred refused frames',
    'frames.goes-on',
    afterRefusals((passage, count) => {
      if (count === 100) passage.end(1008)
    }),
    { consequences: { 'frames.bad-shape': 'it takes that many frames to look at a long message' } },
  ),
  tampered(
    'ends the connection after frames that are not JSON',
    'frames.goes-on',
    afterRefusals((passage, _count, error) => {
      if (!('of' in error) && !('ref' in error)) passage.end(1007)
    }),
    {
      consequences: {
        'frames.not-object': 'several such frames are sent on one connection',
        'frames.bad-shape': 'and several without a valid id',
        'frames.no-type': 'and several without type',
        'errors.goes-on': 'an error that is not fatal ends a connection',
        'outcomes.failure-told': 'what follows is not answered',
        'connection.hello-first': 'what comes before hello ends the connection too',
      },
    },
  ),
  tampered('loses the frame behind a refused one', 'frames.goes-on', () => ({
    toServer: (frame, passage, text) => {
      const wasBad = passage.notes.get('bad') === true
      passage.notes.set('bad', !isObjectText(text))
      return !(wasBad && frame['type'] === 'hangup')
    },
  })),
  tampered('takes a peer out of its room after a hangup with an unknown reason', 'frames.goes-on', () => ({
    toServer: (frame, passage, text) => {
      if (frame['reason'] !== 'because') return true
      passage.toServer(text)
      passage.notes.set('expelled', true)
      return { type: 'leave', room: frame['room'] }
    },
    toClient: (frame, { notes }) => !(frame['type'] === 'left' && notes.get('expelled') === true),
  })),
  tampered(
    'acts on an update that it has refused',
    'frames.goes-on',
    actsOnRefused(
      (frame) => frame['type'] === 'update' && Object.keys(frame).some((name) => name.startsWith('$')),
      (frame) => ({ type: 'update', room: frame['room'], data: frame['data'] }),
    ),
    {
      consequences: {
        'frames.dollar-name': 'the same message',
        'outcomes.exactly-one': 'it answers for both',
      },
    },
  ),
  tampered(
    'welcomes nobody after a frame refused before hello',
    'frames.goes-on',
    () => ({
      toServer: (frame, passage, text) => {
        if (passage.notes.get('spoilt') === true) return false
        if (passage.peer === '' && !('versions' in frame) && !isObjectText(text)) {
          passage.notes.set('spoilt', true)
          passage.toClient(refusal({}, 'bad-message'))
          return false
        }
        return true
      },
    }),
    { consequences: { 'connection.hello-first': 'what follows such a frame is looked at there' } },
  ),

  tampered('ends every connection at a deeply nested frame', 'frames.others-unharmed', () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toServer: (_frame, _passage, text) => {
        if (!text.includes('['.repeat(4000))) return true
        for (const each of passages) each.end()
        return false
      },
    }
  }),
  tampered(
    'ends the connection of the receiver of a malformed candidate',
    'frames.others-unharmed',
    () => {
      const passages = new Set<Passage>()
      return {
        passages,
        toServer: (frame) => {
          const { candidate } = frame as { candidate?: Frame }
          if (
            frame['type'] !== 'candidate' ||
            candidate?.['candidate'] !== '' ||
            'usernameFragment' in candidate
          )
            return true
          for (const each of passages) if (each.peer === frame['to']) each.end()
          return true
        },
      }
    },
    {
      consequences: { 'frames.goes-on': 'the receiver is gone', 'frames.bad-shape': 'the receiver is gone' },
    },
  ),
]

/** Faults of spec/frames.md. */
export const frameMutants: Mutants = [...refusalMutants, ...shapeMutants, ...acceptanceMutants]
