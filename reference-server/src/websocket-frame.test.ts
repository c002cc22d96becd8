import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeTextFrames } from './websocket-frame.ts'

/** Reads unmasked text frames, RFC 6455 section 5.2. */
function read(bytes: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    expect(bytes[at]).toBe(0x81)
    const short = bytes.readUInt8(at + 1)
    const [head, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))]
    texts.push(bytes.toString('utf8', at + head, at + head + length))
    at += head + length
  }
  return texts
}

test('writeTextFrames() writes what a reader of RFC 6455 reads', () => {
  const length = fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 65_537), fc.nat(300))
  const text = fc.tuple(length, fc.constantFrom('a', 'ä', '€', '😀'), fc.boolean())
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), (parts) => {
      const texts = parts.map(([count, letter]) => letter.repeat(count))
      const frames = texts.map((value, index) => (parts[index]?.[2] === true ? Buffer.from(value) : value))
      expect(read(writeTextFrames(frames))).toEqual(texts)
    }),
  )
})
