import type { Frame, Passage, Passed, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, counted, isRelayed, refusal, without } from '../rule.ts'
import { acceptanceMutants } from './frame-acceptance.ts'

/** Mends some malformed frames before the server sees them, as if it took them as they are. */
function mends(type: string, mend: (frame: Frame) => Frame | undefined): () => { toServer: Rule } {
  return () => ({ toServer: changed(type, (frame) => mend(frame) ?? true) })
}

/** Answers some frames in the server's place. */
function answers(which: (frame: Frame, text: string) => boolean, answer: (frame: Frame) => Frame | string): () => { toServer: Rule } {
  return () => ({
    toServer: (frame, passage, text) => {
      if (!which(frame, text)) return true
      passage.toClient(answer(frame))
      return false
    },
  })
}

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
      const names = Object.entries(frame).flatMap(([name, value]) => (which(name, value, frame) ? [name] : []))
      return names.length === 0 ? true : without(frame, ...names)
    },
  })
}

const isObjectText = (text: string) => /^\s*\{/.test(text) && text.trim().endsWith('}')

/** Says that a frame is refused, and does it all the same. */
function actsOnRefused(which: (frame: Frame) => boolean, mend: (frame: Frame) => Frame): () => { toServer: Rule } {
  return () => ({
    toServer: (frame, passage) => {
      if (!which(frame)) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return without(mend(frame), 'id')
    },
  })
}

/** Notes what is refused, by the errors that come back. */
function afterRefusals(act: (passage: Passage, count: number, error: Frame) => void): () => { toClient: Rule } {
  return () => ({
    toClient: changed('error', (frame, passage) => {
      const isRefusal = frame['code'] === 'bad-message' || frame['code'] === 'unsupported-type'
      if (isRefusal) queueMicrotask(() => { act(passage, counted(passage, 'refusals'), frame) })
      return true
    }),
  })
}

const sameMessage = { 'outcomes.ref': 'it looks at the error about this very message' } as const

/** Faults of spec/frames.md in what is sent and in what is refused. */
const refusalMutants: Mutants = [
  tampered('sends an array after each left', 'frames.object', () => ({
    toClient: (frame, _passage, text) => (frame['type'] === 'left' ? [text, '[]'] : true),
  })),
  tampered('sends a text of its own after welcome', 'frames.object', () => ({
    toClient: (frame, _passage, text) => (frame['type'] === 'welcome' ? [text, 'h'] : true),
  }), { consequences: { 'capabilities.core-only': 'a frame without a type is of none that Core has' } }),
  tampered('sends pong with seq', 'frames.shape', () => ({ toClient: changed('pong', (frame) => ({ ...frame, seq: 1 })) })),
  tampered('leaves message out of some errors', 'frames.shape', () => ({
    toClient: changed('error', (frame) => (frame['of'] === 'leave' ? without(frame, 'message') : true)),
  })),

  tampered('ignores frames that are not JSON', 'frames.not-object', () => ({
    toServer: (frame) => 'type' in frame,
  }), { consequences: {
    'frames.no-type': 'it ignores all that has no type',
    'outcomes.failure-told': 'and says nothing',
    'outcomes.ref': 'there is no error that could have one',
    'connection.hello-first': 'nor before hello',
  } }),
  tampered('takes the first item of an array for the message', 'frames.not-object', rewrites((text) => {
    const item = /^\[(\{.*\})\]$/.exec(text)?.[1]
    return item ?? text
  })),
  tampered('answers JSON null with unsupported-type', 'frames.not-object', answers(
    (_frame, text) => text === 'null',
    () => refusal({}, 'unsupported-type'),
  )),
  tampered('reads NaN as a number', 'frames.not-object', rewrites((text) => text.replace(/:(NaN|-Infinity)\b/g, ':0'))),
  tampered('reads no further than the first value', 'frames.not-object', rewrites((text) =>
    /^(\{"type":"ping"\})./s.exec(text)?.[1] ?? text)),
  tampered('reads raw control characters in strings', 'frames.not-object', rewrites((text) => text.replace('a\tb', 'a\\tb'))),

  tampered('takes an object without type for a ping', 'frames.no-type', () => ({
    toServer: (frame, { peer }) => (peer === '' || 'type' in frame || !('message' in frame) ? true : { type: 'ping', ...frame }),
  }), { consequences: { 'outcomes.ref': 'it looks at the error about such an object' } }),
  tampered('answers a type that is no string with unsupported-type', 'frames.no-type', answers(
    (frame) => 'type' in frame && typeof frame['type'] !== 'string' && typeof frame['id'] === 'string',
    (frame) => refusal(without(frame, 'type'), 'unsupported-type'),
  )),

  tampered('accepts an offer without sdp', 'frames.bad-shape', mends('offer', (frame) =>
    'sdp' in frame ? undefined : { ...frame, sdp: '' }), { consequences: sameMessage }),
  tampered('accepts call ids in upper case', 'frames.bad-shape', mends('hangup', (frame) =>
    typeof frame['call'] === 'string' && /^[0-9A-F]{32}$/.test(frame['call']) && /[A-F]/.test(frame['call'])
      ? { ...frame, call: frame['call'].toLowerCase() }
      : undefined)),
  tampered('accepts a fraction as negotiation of a candidate', 'frames.bad-shape', mends('candidate', (frame) =>
    frame['negotiation'] === 1.5 ? { ...frame, negotiation: 1 } : undefined)),
  tampered('accepts a candidate without usernameFragment', 'frames.bad-shape', mends('candidate', (frame) => {
    const { candidate } = frame as { candidate?: object }
    const lacks = typeof candidate === 'object' && candidate !== null && 'candidate' in candidate && !('usernameFragment' in candidate)
    return lacks ? { ...frame, candidate: { ...candidate, usernameFragment: 'Wk4v' } } : undefined
  })),
  tampered('accepts 65536 as sdpMLineIndex', 'frames.bad-shape', mends('candidate', (frame) => {
    const { candidate } = frame as { candidate?: Frame }
    return candidate?.['sdpMLineIndex'] === 65_536 ? { ...frame, candidate: { ...candidate, sdpMLineIndex: 0 } } : undefined
  })),
  tampered('accepts any word as reason of a hangup', 'frames.bad-shape', mends('hangup', (frame) =>
    frame['reason'] === 'x' ? { ...frame, reason: 'normal' } : undefined)),
  tampered('takes update without data for null', 'frames.bad-shape', mends('update', (frame) =>
    'data' in frame ? undefined : { ...frame, data: null }), { consequences: sameMessage }),
  tampered('accepts an empty id', 'frames.bad-shape', () => ({
    toServer: (frame) => (frame['id'] === '' && frame['type'] === 'ping' ? without(frame, 'id') : true),
  })),
  tampered('accepts ids of 65 characters', 'frames.bad-shape', () => ({
    toServer: (frame) => (String(frame['id']).length === 65 ? without(frame, 'id') : true),
  })),
  tampered('takes a bye with a malformed reason for a bye', 'frames.bad-shape', mends('bye', (frame) =>
    'reason' in frame && typeof frame['reason'] !== 'string' ? without(frame, 'reason') : undefined)),
  tampered('accepts an agent that is a string', 'frames.bad-shape', mends('hello', (frame) =>
    typeof frame['agent'] === 'string' ? without(frame, 'agent') : undefined)),
  tampered('accepts versions that are no list', 'frames.bad-shape', mends('hello', (frame) =>
    frame['versions'] === 7 ? { ...frame, versions: [1] } : undefined)),
  tampered('answers an answer without call with peer-not-found', 'frames.bad-shape', answers(
    (frame) => frame['type'] === 'answer' && !('call' in frame),
    (frame) => refusal(frame, 'peer-not-found'),
  )),
  tampered('accepts a room name with a control character', 'frames.bad-shape', mends('leave', (frame) =>
    String(frame['room']).endsWith('\u007f') ? { ...frame, room: String(frame['room']).slice(0, -1) } : undefined), {
    consequences: { 'rooms.name': 'such a name is no room name' },
  }),
  tampered('accepts a token that is a number', 'frames.bad-shape', mends('auth', (frame) =>
    typeof frame['token'] === 'number' ? { ...frame, token: String(frame['token']) } : undefined)),

  tampered('overwrites from without a word', 'frames.forged-from', ignores((name) => name === 'from')),
  tampered('ignores a from of null', 'frames.forged-from', ignores((name, value) => name === 'from' && value === null)),
  tampered('refuses a forged sender, and delivers the message', 'frames.forged-from', actsOnRefused(
    (frame) => isRelayed(frame) && 'from' in frame,
    (frame) => without(frame, 'from'),
  ), { consequences: { 'frames.goes-on': 'a refused frame has an effect' } }),
  tampered('ignores a forged sender in join', 'frames.forged-from', ignores((name, _value, frame) => name === 'from' && frame['type'] === 'join')),
  tampered('ignores ref', 'frames.forged-ref', ignores((name) => name === 'ref')),
  tampered('ignores ref in candidates', 'frames.forged-ref', ignores((name, _value, frame) => name === 'ref' && frame['type'] === 'candidate')),
  tampered('ignores seq and ack', 'frames.hop-members', ignores((name) => name === 'seq' || name === 'ack')),
  tampered('ignores an ack of 0', 'frames.hop-members', ignores((name, value) => name === 'ack' && value === 0)),
  tampered('ignores names that begin with $', 'frames.dollar-name', ignores((name) => name.startsWith('$'))),
  tampered('ignores names of reverse domains that begin with $', 'frames.dollar-name', ignores((name) => /^\$.*\./.test(name))),
  tampered('ignores a name that begins with $ in hello', 'frames.dollar-name', ignores((name, _value, frame) =>
    name.startsWith('$') && frame['type'] === 'hello')),

  tampered('answers unknown types with bad-message', 'frames.unknown-type', () => ({
    toClient: changed('error', (frame) => (frame['code'] === 'unsupported-type' ? { ...frame, code: 'bad-message' } : true)),
  }), { consequences: { 'capabilities.not-in-force': 'types of capabilities are unknown too' } }),
  tampered('reads types in any case', 'frames.unknown-type', () => ({
    toServer: (frame) =>
      typeof frame['type'] === 'string' && /^[A-Z]+$/i.test(frame['type']) && frame['type'] !== frame['type'].toLowerCase()
        ? { ...frame, type: frame['type'].toLowerCase() }
        : true,
  }), { consequences: { 'frames.exact-names': 'values are compared exactly' } }),
  tampered('answers what only servers send with bad-message', 'frames.unknown-type', answers(
    (frame) => ['welcome', 'joined', 'peer-left'].includes(String(frame['type'])),
    (frame) => refusal(frame, 'bad-message'),
  )),
  tampered('trims types', 'frames.unknown-type', () => ({
    toServer: (frame) => (frame['type'] === 'ping ' ? { ...frame, type: 'ping' } : true),
  })),

  tampered('ends the connection after fifty refused frames', 'frames.goes-on', afterRefusals((passage, count) => {
    if (count === 50) passage.end(1008)
  }), { consequences: { 'frames.bad-shape': 'it takes that many frames to look at a long message', 'errors.goes-on': 'an error that is not fatal ends a connection' } }),
  tampered('ends the connection after frames that are not JSON', 'frames.goes-on', afterRefusals((passage, _count, error) => {
    if (!('of' in error) && !('ref' in error)) passage.end(1007)
  }), {
    consequences: {
      'frames.not-object': 'several such frames are sent on one connection',
      'frames.bad-shape': 'and several without a valid id',
      'frames.no-type': 'and several without type',
      'errors.goes-on': 'an error that is not fatal ends a connection',
      'outcomes.failure-told': 'what follows is not answered',
    },
  }),
  tampered('loses the frame behind a refused one', 'frames.goes-on', () => ({
    toServer: (frame, passage, text) => {
      const wasBad = passage.notes.get('bad') === true
      passage.notes.set('bad', !isObjectText(text))
      return !(wasBad && frame['type'] === 'hangup')
    },
  })),
  tampered('takes a peer out of its room after a malformed update', 'frames.goes-on', () => ({
    toServer: (frame, passage, text) => {
      if (frame['type'] !== 'update' || 'data' in frame) return true
      passage.toServer(text)
      return { type: 'leave', room: frame['room'] }
    },
  })),
  tampered('acts on an update that it has refused', 'frames.goes-on', actsOnRefused(
    (frame) => frame['type'] === 'update' && Object.keys(frame).some((name) => name.startsWith('$')),
    (frame) => ({ type: 'update', room: frame['room'], data: frame['data'] }),
  ), { consequences: { 'frames.dollar-name': 'the same message' , 'outcomes.exactly-one': 'it answers for both' } }),
  tampered('welcomes nobody after a frame refused before hello', 'frames.goes-on', () => ({
    toServer: (frame, passage, text) => {
      if (passage.notes.get('spoilt') === true) return false
      if (passage.peer === '' && !('versions' in frame) && !isObjectText(text)) passage.notes.set('spoilt', true)
      return true
    },
  })),

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
  tampered('ends the connection of the receiver of a malformed offer', 'frames.others-unharmed', () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toServer: (frame) => {
        if (frame['type'] !== 'offer' || 'sdp' in frame) return true
        for (const each of passages) if (each.peer === frame['to']) each.end()
        return true
      },
    }
  }, { consequences: { 'frames.goes-on': 'the receiver is gone', 'frames.bad-shape': 'the receiver is gone' } }),
]

/** Faults of spec/frames.md. */
export const frameMutants: Mutants = [...refusalMutants, ...acceptanceMutants]
