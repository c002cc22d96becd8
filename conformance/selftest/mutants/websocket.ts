import type { Mutants } from '../mutant.ts'
import { rewired, type WireFrame, type WireRule } from '../wire-middleman.ts'

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Takes fragments for messages of their own. */
const dropsContinuations: WireRule = (frame) => {
  if (frame.opcode === opcodes.continuation) return []
  return [{ ...frame, fin: true }]
}

/** Forgets the message that was being put together when a control frame comes in between. */
const forgetsAtControl: WireRule = (frame, { notes }) => {
  const isPart = frame.opcode === opcodes.continuation
  const isControl = frame.opcode >= opcodes.close
  if (isControl && notes.get('unfinished') === true) notes.set('spoilt', true)
  if (!isControl) notes.set('unfinished', !frame.fin)
  if (isPart && frame.fin && notes.get('spoilt') === true) return [{ ...frame, payload: Buffer.alloc(0) }]
  return true
}

/** Decodes each fragment by itself. */
const decodesFragments: WireRule = (frame) =>
  frame.opcode === opcodes.continuation || !frame.fin
    ? [{ ...frame, payload: Buffer.from(frame.payload.toString('utf8')) }]
    : true

const textOf = ({ payload }: WireFrame) => payload.toString('utf8')

/** Hides close codes: the kit sees another one, or none. */
function closesWith(code: number, instead: number | undefined): WireRule {
  return (frame) => {
    if (frame.opcode !== opcodes.close || frame.payload.length < 2 || frame.payload.readUInt16BE(0) !== code)
      return true
    const payload = Buffer.alloc(instead === undefined ? 0 : 2)
    if (instead !== undefined) payload.writeUInt16BE(instead, 0)
    return [{ ...frame, payload }]
  }
}

/** Faults of spec/bindings/websocket.md. */
export const webSocketMutants: Mutants = [
  rewired(
    'sends every message as binary',
    'websocket.text',
    () => ({
      toClient: (frame) => (frame.opcode === opcodes.text ? [{ ...frame, opcode: opcodes.binary }] : true),
    }),
    { provokedBy: 'connection.welcome' },
  ),
  rewired(
    'sends candidates as binary',
    'websocket.text',
    () => ({
      toClient: (frame) =>
        frame.opcode === opcodes.text && textOf(frame).includes('"type":"candidate"')
          ? [{ ...frame, opcode: opcodes.binary }]
          : true,
    }),
    { provokedBy: 'relay.delivered' },
  ),
  rewired('selects no subprotocol', 'websocket.subprotocol', () => ({
    response: (head) => head.replace(/^sec-websocket-protocol:.*\r\n/im, ''),
  })),
  rewired('selects the first subprotocol that is offered', 'websocket.subprotocol', () => {
    let first = ''
    return {
      request: (head) => {
        first = /^sec-websocket-protocol: *([^,\r]*)/im.exec(head)?.[1] ?? ''
        return head
      },
      response: (head) => head.replace(/^(sec-websocket-protocol:).*$/im, `$1 ${first}`),
    }
  }),
  rewired(
    'drops what follows the first fragment',
    'websocket.fragments',
    () => ({ toServer: dropsContinuations }),
    {
      consequences: {
        'limits.refuse-size': 'a message in fragments is not measured as a whole',
        'websocket.utf8': 'later fragments are not looked at',
        'websocket.binary': 'a binary message in fragments becomes several',
      },
    },
  ),
  rewired('loses a message at a control frame between its fragments', 'websocket.fragments', () => ({
    toServer: forgetsAtControl,
  })),
  rewired('decodes each fragment by itself', 'websocket.fragments', () => ({ toServer: decodesFragments }), {
    consequences: { 'websocket.utf8': 'bytes that are no UTF-8 are replaced before anybody looks' },
  }),
  rewired('answers no WebSocket ping', 'websocket.ping', () => ({
    toServer: (frame) => (frame.opcode === opcodes.ping ? [] : true),
  })),
  rewired('answers no WebSocket ping between fragments', 'websocket.ping', () => ({
    toServer: (frame, { notes }) => {
      if (frame.opcode < opcodes.close) notes.set('unfinished', !frame.fin)
      return frame.opcode === opcodes.ping && notes.get('unfinished') === true ? [] : true
    },
  })),
  rewired('answers a WebSocket ping with an empty pong', 'websocket.ping', () => ({
    toClient: (frame) => (frame.opcode === opcodes.pong ? [{ ...frame, payload: Buffer.alloc(0) }] : true),
  })),
  rewired(
    'reads binary messages as text',
    'websocket.binary',
    () => ({
      toServer: (frame) => (frame.opcode === opcodes.binary ? [{ ...frame, opcode: opcodes.text }] : true),
    }),
    {
      consequences: {
        'websocket.binary-code': 'it does not close',
        'rooms.lost': 'a binary message is no end of the connection',
        'connection.end-noticed': 'a binary message is no end of the connection',
      },
    },
  ),
  rewired(
    'ignores binary messages',
    'websocket.binary',
    () => ({
      toServer: (frame, { notes }) => {
        if (
          frame.opcode === opcodes.binary ||
          (frame.opcode === opcodes.continuation && notes.get('binary') === true)
        ) {
          notes.set('binary', !frame.fin)
          return []
        }
        return true
      },
    }),
    {
      consequences: {
        'websocket.binary-code': 'it does not close',
        'rooms.lost': 'a binary message is no end of the connection',
      },
    },
  ),
  rewired('closes with 1002 for a binary message', 'websocket.binary-code', () => ({
    toClient: closesWith(1003, 1002),
  })),
  rewired(
    'replaces bytes that are not UTF-8',
    'websocket.utf8',
    () => ({
      toServer: (frame) =>
        frame.opcode === opcodes.text && frame.fin
          ? [{ ...frame, payload: Buffer.from(textOf(frame)) }]
          : true,
    }),
    { consequences: { 'websocket.utf8-code': 'it does not close' } },
  ),
  rewired('closes with 1002 for text that is not UTF-8', 'websocket.utf8-code', () => ({
    toClient: closesWith(1007, 1002),
  })),
  rewired('closes with 1011 for a message that is too large', 'websocket.too-large-code', () => ({
    toClient: closesWith(1009, 1011),
  })),
  rewired('selects an extension that nobody offered', 'websocket.no-compression', () => ({
    response: (head) => head.replace(/\r\n\r\n$/, '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'),
  })),
  rewired('cuts the connection at a close frame', 'websocket.close', () => ({
    toClient: (frame, wire) => {
      if (frame.opcode !== opcodes.close || wire.notes.get('asked') !== true) return true
      wire.cut()
      return []
    },
    toServer: (frame, { notes }) => {
      if (frame.opcode === opcodes.close) notes.set('asked', true)
      return true
    },
  })),
  rewired(
    'takes a close frame with 1000 for a bye',
    'websocket.close',
    () => ({
      toServer: (frame) => {
        if (
          frame.opcode !== opcodes.close ||
          frame.payload.length < 2 ||
          frame.payload.readUInt16BE(0) !== 1000
        )
          return true
        return [{ opcode: opcodes.text, fin: true, payload: Buffer.from('{"type":"bye"}') }]
      },
    }),
    {
      consequences: {
        'rooms.lost': 'a close frame is no bye there either',
        'connection.end-noticed': 'the rooms are told the wrong reason',
      },
    },
  ),
  rewired('closes with 1001 after bye', 'websocket.bye-code', () => ({
    toServer: (frame, { notes }) => {
      if (frame.opcode === opcodes.text && textOf(frame).includes('"type":"bye"')) notes.set('bye', true)
      return true
    },
    toClient: (frame, wire) => (wire.notes.get('bye') === true ? closesWith(1000, 1001)(frame, wire) : true),
  })),
]
