import { describe, expect, it } from 'vitest'
import { excerpt, type TranscriptEntry } from './transcript.ts'

let clock = 0

function entry(direction: TranscriptEntry['direction'], text: string, endpoint = 'A'): TranscriptEntry {
  clock += 1
  return { at: clock, endpoint, direction, text }
}

function decisive(
  entries: readonly TranscriptEntry[],
  frames: readonly string[],
  words = '',
  last = false,
): string[] {
  return excerpt(entries, (text) => text, { frames, words, last })
    .filter((each) => each.decisive)
    .map(({ text }) => text)
}

const burst = Array.from({ length: 40 }, (_, place) =>
  entry('sent', `{"type":"ping","id":"A${String(place)}"}`),
)
const answers = burst.map((_, place) => entry('received', `{"type":"pong","ref":"A${String(place)}"}`))
const all = [entry('event', 'connection open'), ...burst, ...answers]

describe('excerpt()', () => {
  it('keeps the offending frame of a long burst, with what it was answered', () => {
    const [sent, answer] = ['{"type":"ping","id":"A3"}', '{"type":"pong","ref":"A3"}']
    expect(decisive(all, [sent])).toEqual([sent, answer])
    expect(decisive(all, [answer])).toEqual([sent, answer])
    expect(decisive(all, [], 'Expected an outcome of the message with id "A3"')).toEqual([sent, answer])
  })

  it('takes the last entry of what the watch saw', () => {
    const frame = entry('received', '{"type":"offer"}')
    expect(decisive([...all, frame], [], '', true)).toEqual(['{"type":"offer"}'])
  })

  it('takes the last act before the silence where nothing else is known, not the ping that proves it', () => {
    const act = '{"type":"leave","room":"r"}'
    const probe = [
      entry('sent', '{"type":"ping","id":"B1"}'),
      entry('received', '{"type":"pong","ref":"B1"}'),
    ]
    expect(decisive([...answers, entry('sent', act, 'B'), ...probe], [])).toEqual([act])
  })

  it('takes the frames of the types that the words name, of the endpoints that they name', () => {
    const [early, told] = ['{"type":"peer-updated","revision":2}', '{"type":"peer-updated","revision":3}']
    const entries = [
      entry('received', early, 'B'),
      entry('received', told, 'A'),
      entry('sent', '{"type":"hangup"}', 'B'),
      entry('sent', '{"type":"bye"}', 'B'),
    ]
    const words =
      'Expected no message of the room to a peer after its left, but a peer-updated of it came to A'
    expect(decisive(entries, [], words)).toEqual([told])
    expect(decisive(entries, [], words.replace(' to A', ''))).toEqual([early, told])
    const missing = 'Expected the hangup as it was sent, but it did not arrive'
    expect(decisive(entries, [], missing)).toEqual(['{"type":"hangup"}'])
    const act = [entry('sent', '{"type":"leave"}', 'B'), entry('sent', '{"type":"bye"}', 'B')]
    expect(decisive([...entries, ...act], [], 'Expected a peer-updated, but nothing came')).toEqual([
      '{"type":"leave"}',
    ])
  })

  it('keeps every member of a long frame', () => {
    const [shown] = excerpt(
      [entry('sent', JSON.stringify({ sdp: 'v'.repeat(2000), from: 'B' }))],
      (text) => text,
    )
    expect(shown?.text).toMatch(/^\{"sdp":"v+…","from":"B"\} \(2021 characters\)$/)
  })

  it('marks nothing where nothing failed', () => {
    expect(excerpt(all, (text) => text).some((each) => each.decisive)).toBe(false)
  })
})
