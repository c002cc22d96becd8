import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOfferNumberOf, nextNegotiation } from './negotiation-number.ts'

describe('nextNegotiation()', () => {
  it('begins at 1 for the caller, and at 2 for the callee that has seen it', () => {
    expect(nextNegotiation('caller', 0)).toBe(1)
    expect(nextNegotiation('callee', 1)).toBe(2)
    expect(nextNegotiation('caller', 1)).toBe(3)
  })

  it('is the least number of the role above the highest', () => {
    const role = fc.constantFrom('caller' as const, 'callee' as const)
    fc.assert(
      fc.property(role, fc.nat(), (whose, highest) => {
        const next = nextNegotiation(whose, highest)
        expect(next - highest === 1 || next - highest === 2).toBe(true)
        expect(isOfferNumberOf(whose, next)).toBe(true)
        expect(next - highest === 2 && isOfferNumberOf(whose, highest + 1)).toBe(false)
      }),
    )
  })
})
