import { describe, expect, it } from 'vitest'
import { candidateUsernameFragment, isTCPCandidate, usernameFragments } from './sdp.ts'

const udp =
  'candidate:1510613869 1 udp 2122063615 127.0.0.1 52884 typ host generation 0 ufrag q56U network-id 3'
const tcp =
  'candidate:1510613869 1 tcp 1518083839 127.0.0.1 9 typ host tcptype active generation 0 ufrag q56U'

describe('usernameFragments()', () => {
  it('names every fragment once, whatever the line ends', () => {
    const sdp = 'v=0\r\na=ice-ufrag:aB+/\r\nm=audio\r\na=ice-ufrag:aB+/\nm=video\na=ice-ufrag:zz12\n'
    expect([...usernameFragments(sdp)]).toEqual(['aB+/', 'zz12'])
  })
})

describe('candidateUsernameFragment()', () => {
  it('reads the ufrag attribute', () => {
    expect(candidateUsernameFragment(udp)).toBe('q56U')
    expect(candidateUsernameFragment('candidate:1 1 udp 1 192.0.2.1 9 typ host')).toBeUndefined()
  })
})

describe('isTCPCandidate()', () => {
  it('looks at the transport', () => {
    expect(isTCPCandidate(tcp)).toBe(true)
    expect(isTCPCandidate(udp)).toBe(false)
  })
})
