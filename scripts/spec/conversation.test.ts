import { describe, expect, it } from 'vitest'
import { impossibleSteps } from './conversation.ts'
import type { Example, Frame } from './example.ts'

let line = 0
const step = (direction: Example['direction'], endpoint: string, frame: Frame): Example => ({
  direction,
  endpoint,
  text: JSON.stringify(frame),
  line: ++line,
  section: '',
})
const faults = (...examples: Example[]) => impossibleSteps('x.md', examples).map(({ message }) => message)

const opening = [
  step('server', 'ada', { type: 'welcome', peer: 'A' }),
  step('server', 'ben', { type: 'welcome', peer: 'B' }),
]
const offer = (negotiation: number) => ({
  type: 'offer',
  to: 'B',
  call: 'c',
  negotiation,
  sdp: 'a=ice-ufrag:abcd\r\n',
})
const answer = (negotiation: number) => ({
  type: 'answer',
  to: 'A',
  call: 'c',
  negotiation,
  sdp: 'a=ice-ufrag:wxyz\r\n',
})
const candidate = (negotiation: number, usernameFragment: string) => ({
  type: 'candidate',
  to: 'B',
  call: 'c',
  negotiation,
  candidate: { candidate: '', usernameFragment },
})
const sent = step('client', 'ada', offer(1))
const arrived = step('delivered', 'ben', { ...offer(1), from: 'A' })

describe('impossibleSteps()', () => {
  it('accepts a round of offer and answer with candidates', () => {
    expect(
      faults(
        ...opening,
        sent,
        step('client', 'ada', candidate(1, 'abcd')),
        arrived,
        step('client', 'ben', answer(1)),
        step('delivered', 'ada', { ...answer(1), from: 'B' }),
        step('client', 'ben', { ...offer(2), to: 'A' }),
      ),
    ).toEqual([])
  })

  it('knows who sent what to whom', () => {
    expect(faults(...opening, arrived)).toEqual([expect.stringContaining('ada has sent no such message')])
    expect(faults(...opening, sent, step('delivered', 'ben', { ...offer(1), from: 'X' }))).toHaveLength(1)
    expect(
      faults(...opening, sent, step('delivered', 'ben', { ...offer(1), from: 'A', to: 'X' })),
    ).toHaveLength(1)
    expect(faults(...opening, step('client', 'ben', offer(1)))).toHaveLength(1)
    expect(faults(...opening, step('server', 'ada', { type: 'joined', self: { peer: 'B' } }))).toHaveLength(1)
  })

  it('does not let a message overtake another or arrive twice', () => {
    const first = step('client', 'ada', candidate(1, 'abcd'))
    const late = step('delivered', 'ben', { ...candidate(1, 'abcd'), from: 'A' })
    expect(faults(...opening, sent, first, late, arrived)).toHaveLength(1)
    expect(faults(...opening, sent, arrived, arrived)).toHaveLength(1)
  })

  it('wants numbers that grow, each endpoint with its own parity', () => {
    expect(faults(...opening, sent, step('client', 'ada', offer(2)))).toEqual([
      'Offer 2 has the parity of the other endpoint',
    ])
    expect(faults(...opening, sent, sent)).toEqual(['Offer 1 is not greater than 1'])
    expect(faults(...opening, sent, arrived, step('client', 'ben', { ...offer(3), to: 'A' }))).toHaveLength(1)
  })

  it('wants an answer to have an offer', () => {
    expect(faults(...opening, sent, step('client', 'ben', answer(3)))).toEqual(['ada has sent no offer 3'])
  })

  it('wants a candidate to carry the last number and a fragment of its sender', () => {
    expect(faults(...opening, sent, step('client', 'ada', candidate(3, 'abcd')))).toHaveLength(1)
    expect(faults(...opening, sent, step('client', 'ada', candidate(1, 'wxyz')))).toHaveLength(1)
  })
})
