import { describe, expect, it } from 'vitest'
import { RemoteCandidates } from './remote-candidates.ts'

const candidateOf = (usernameFragment: string) => ({ candidate: 'candidate:1', usernameFragment })

describe('RemoteCandidates', () => {
  it('keeps a candidate until the description of its number is settled, in order', () => {
    const remote = new RemoteCandidates()
    expect(remote.arrive(1, candidateOf('aaaa'))).toBe(false)
    expect(remote.arrive(1, candidateOf('bbbb'))).toBe(false)
    expect(remote.waiting).toBe(2)
    expect(remote.settle(1)).toEqual([candidateOf('aaaa'), candidateOf('bbbb')])
    expect(remote.waiting).toBe(0)
    expect(remote.arrive(1, candidateOf('cccc'))).toBe(true)
  })

  it('accepts what stands in the pending or the current description, and nothing else', () => {
    const remote = new RemoteCandidates()
    remote.answer('a=ice-ufrag:aaaa')
    remote.offered('a=ice-ufrag:bbbb')
    expect([remote.accepts(candidateOf('aaaa')), remote.accepts(candidateOf('bbbb'))]).toEqual([true, true])
    remote.answered()
    expect([remote.accepts(candidateOf('aaaa')), remote.accepts(candidateOf('bbbb'))]).toEqual([false, true])
  })
})
