import { expect, test } from 'vitest'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { expectData, seesJoin } from './membership.ts'

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

const refusalOf = (room: string): Received => {
  const message = { type: 'error', code: 'room-full', message: '', fatal: false, of: 'join', room }
  return { index: 0, text: JSON.stringify(message), message }
}

test.each([
  ['a', '; M got the error room-full for its join'],
  ['b', ''],
])('seesJoin() says why nothing came where the join of room %s was refused', async (room, why) => {
  const silence = new CheckFailure('peer-joined about M at A', 'nothing of the kind came')
  const member = { name: 'A', expect: () => Promise.reject(silence) } as unknown as Endpoint
  const joining = { name: 'M', peer: 'M', log: [refusalOf(room)], retried: new Set() } as unknown as Endpoint
  await expect(seesJoin(member, 'a', joining)).rejects.toMatchObject({
    actual: `nothing of the kind came${why}`,
    presupposes: 'rooms.peer-joined',
  })
})
