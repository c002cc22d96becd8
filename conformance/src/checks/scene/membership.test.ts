import { expect, test } from 'vitest'
import { expectData } from './membership.ts'

test('expectData() takes -0 for 0, and nothing else for it', () => {
  const shown = (data: unknown) => ({ peer: 'Qm5vdGFzZWNyZXQ_a1b2', data })
  for (const [due, came] of [
    [0, -0],
    [-0, 0],
    [{ x: [-0] }, { x: [0] }],
  ]) {
    expect(() => {
      expectData(shown(came), due, 'joined')
    }).not.toThrow()
  }
  for (const came of [null, '0', false, [0]]) {
    expect(() => {
      expectData(shown(came), 0, 'joined')
    }).toThrow('Expected data 0 in joined')
  }
})
