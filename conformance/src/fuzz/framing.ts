import type { Link, WebSocketFrame } from '../transport/transport.ts'
import type { Breakage } from './step.ts'

/** Opcodes of RFC 6455, section 5.2. */
const opcodes = { continuation: 0, text: 1, reserved: 3, ping: 9 } as const

/** Sends a text message in pieces that end at these places, with a ping between them. */
export function inFragments(link: Link, text: string, cuts: readonly number[]): void {
  const bytes = Buffer.from(text)
  let from = 0
  for (const [index, cut] of cuts.entries()) {
    const to = Math.max(from, Math.min(cut, bytes.length))
    write(link, {
      opcode: index === 0 ? opcodes.text : opcodes.continuation,
      fin: false,
      payload: bytes.subarray(from, to),
    })
    write(link, { opcode: opcodes.ping, fin: true, payload: Buffer.from('between') })
    from = to
  }
  write(link, { opcode: opcodes.continuation, fin: true, payload: bytes.subarray(from) })
}

const some = Buffer.from('{"type":"ping"')

const broken: Readonly<Record<Breakage, readonly WebSocketFrame[]>> = {
  'reserved opcode': [{ opcode: opcodes.reserved, fin: true, payload: some }],
  'long control frame': [{ opcode: opcodes.ping, fin: true, payload: Buffer.alloc(126) }],
  'control frame in fragments': [{ opcode: opcodes.ping, fin: false, payload: some }],
  'continuation of nothing': [{ opcode: opcodes.continuation, fin: true, payload: some }],
  'message within a message': [
    { opcode: opcodes.text, fin: false, payload: some },
    { opcode: opcodes.text, fin: true, payload: some },
  ],
  'half a message': [{ opcode: opcodes.text, fin: false, payload: some }],
}

/** Writes what RFC 6455 does not allow, or does not finish. */
export function breakFraming(link: Link, how: Breakage): void {
  for (const frame of broken[how]) write(link, frame)
}

function write(link: Link, frame: WebSocketFrame): void {
  link.webSocket?.writeFrame(frame)
}
