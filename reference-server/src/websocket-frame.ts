import type { Frame } from './frame.ts'

const finalText = 0x81

/**
 * Writes texts as unmasked WebSocket frames (RFC 6455, section 5.2), one after another into one buffer: one write to the
 * socket costs much less than one for each header and each payload.
 */
export function writeTextFrames(texts: readonly Frame[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const buffer = Buffer.allocUnsafe(lengths.reduce((total, length) => total + headLength(length) + length, 0))
  let at = 0
  texts.forEach((text, index) => {
    const length = lengths[index] ?? 0
    at = writeHead(buffer, at, length)
    if (typeof text === 'string') buffer.write(text, at)
    else buffer.set(text, at)
    at += length
  })
  return buffer
}

function headLength(payloadLength: number): number {
  return payloadLength < 126 ? 2 : payloadLength < 65_536 ? 4 : 10
}

function writeHead(buffer: Buffer, start: number, length: number): number {
  buffer[start] = finalText // websocket.text
  if (length < 126) {
    buffer[start + 1] = length
    return start + 2
  }
  if (length < 65_536) {
    buffer[start + 1] = 126
    return buffer.writeUInt16BE(length, start + 2)
  }
  buffer[start + 1] = 127
  return buffer.writeUInt32BE(length, buffer.writeUInt32BE(0, start + 2))
}
