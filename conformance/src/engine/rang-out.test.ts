import { describe, expect, it } from 'vitest'
import { CheckFailure, Undecided } from './failure.ts'
import { unlessRangOut } from './rang-out.ts'

const failure = new CheckFailure('ok for the accept of a call that rings', 'the outcome was call-ended')
const welcome = { type: 'welcome', capabilities: { calls: { ringSeconds: 60, callsPerPeer: 8 } } }
const call = 'f'.repeat(32)

/** A call that begins at 1 s and is told to have ended at another time. */
function transcript({ named = {}, reason = 'timeout', at = 61_000 } = {}) {
  const entry = (ms: number, direction: 'sent' | 'received', message: object) => ({
    at: ms,
    endpoint: 'A',
    direction,
    text: JSON.stringify(message),
  })
  return [
    { at: 0, endpoint: 'A', direction: 'event' as const, text: 'connection open' },
    entry(0, 'received', welcome),
    entry(1000, 'sent', { type: 'invite', call, ...named }),
    entry(at, 'received', { type: 'cancel', call, reason }),
  ]
}

describe('unlessRangOut()', () => {
  it('says nothing of what failed where a call has rung for as long as it may', () => {
    const judged = unlessRangOut('talk.apart-from-rooms', transcript(), failure)
    expect(judged).toBeInstanceOf(Undecided)
    expect(judged).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringMatching(/^A call had rung for the 60 s that it may/) as string,
    })
  })

  it.each([
    ['a call that ends too early', transcript({ at: 60_999 })],
    ['a call that named its time', transcript({ named: { ringSeconds: 60 } })],
    ['a call that was cancelled', transcript({ reason: 'normal' })],
    ['no call at all', []],
  ])('leaves %s to the check', (_what, entries) => {
    expect(unlessRangOut('talk.apart-from-rooms', entries, failure)).toBe(failure)
  })

  it('leaves the checks of that time alone, and whatever is no failure', () => {
    expect(unlessRangOut('ring.timeout', transcript(), failure)).toBe(failure)
    const broken = new Error('broken')
    expect(unlessRangOut('talk.apart-from-rooms', transcript(), broken)).toBe(broken)
  })
})
