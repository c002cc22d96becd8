import { describe, expect, it } from 'vitest'
import { abbreviated } from './abbreviated.ts'

const offer = JSON.stringify({
  type: 'offer',
  sdp: `v=0\r\n${'x'.repeat(500)}`,
  from: 'ewqkAreWoZvW24digitsOfIt',
})

describe('abbreviated()', () => {
  it('keeps what is short enough as it is', () => {
    expect(abbreviated('{"type":"ping"}', 15)).toBe('{"type":"ping"}')
  })

  it('keeps every member of a long frame', () => {
    const shown = abbreviated(offer, 120)
    expect(shown.length).toBeLessThanOrEqual(120)
    expect(shown).toContain('"from":"ewqkAreWoZvW24digitsOfIt"')
    expect(JSON.parse(shown)).toMatchObject({ type: 'offer' })
  })

  it('cuts ids, too, where there is less room', () => {
    expect(abbreviated(offer, 70)).toBe('{"type":"offer","sdp":"v=0\\r\\nxxxxx…","from":"ewqkAreWoZvW…"}')
  })

  it.each([11, 12, 13, 14, 15, 16])('leaves no half of an escape at %i characters', (before) => {
    const text = JSON.stringify({ a: `${'y'.repeat(before)}\u0001${'z'.repeat(60)}` })
    expect(() => JSON.parse(abbreviated(text, 40)) as unknown).not.toThrow()
  })

  it('cuts the end of what has no strings', () => {
    expect(abbreviated('[1,2,3,4,5,6,7,8]', 8)).toBe('[1,2,3,…')
  })
})
