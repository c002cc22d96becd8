import type { WebSocketFrame } from '../../transport/transport.ts'

/** Opcodes of RFC 6455, section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Cuts a message into fragments at given places, in bytes; two equal places make an empty one. */
export function fragmentsAt(
  payload: Uint8Array,
  cuts: readonly number[],
  opcode: number = opcodes.text,
): readonly WebSocketFrame[] {
  return [...cuts, payload.length].map((end, place) => ({
    opcode: place === 0 ? opcode : opcodes.continuation,
    fin: place === cuts.length,
    payload: payload.slice(place === 0 ? 0 : cuts[place - 1], end),
  }))
}

/** Cuts a text message into so many fragments. */
export function fragmentsOf(text: string, count: number): readonly WebSocketFrame[] {
  const payload = bytesOf(text)
  const cuts = Array.from({ length: count - 1 }, (_, place) =>
    Math.floor((payload.length * (place + 1)) / count),
  )
  return fragmentsAt(payload, cuts)
}

/** Puts a control frame behind each fragment but the last. */
export function interleaved(
  frames: readonly WebSocketFrame[],
  control: WebSocketFrame,
): readonly WebSocketFrame[] {
  return frames.flatMap((frame) => (frame.fin ? [frame] : [frame, control]))
}

/** One unfragmented frame. */
export function frameOf(opcode: number, payload: Uint8Array): WebSocketFrame {
  return { opcode, fin: true, payload }
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff, ...bytesOf(reason))
}
