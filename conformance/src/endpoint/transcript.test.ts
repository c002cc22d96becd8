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

  it('marks nothing where nothing failed', () => {
    expect(excerpt(all, (text) => text).some((each) => each.decisive)).toBe(false)
  })
})
