import { expect, test } from 'vitest'
import { diagnoseCalls } from './call-diagnosis.ts'
import { alice, bob, openRoom } from './room.test.fixture.ts'
import type { PeerSource } from './peer-connection.ts'

/** A machine that is too busy to make any peer. */
const busy: PeerSource = {
  openPeer: () => new Promise(() => undefined),
  connectSlot: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
}

test('a call whose peer has not been made is told as one of the peer library', async () => {
  const room = openRoom(busy)
  void room.endpoint(alice).call(bob)
  // The place to connect in comes first.
  await Promise.resolve()
  const [call] = room.endpoint(alice).history
  if (!call) throw new Error('No call has begun')
  expect(await diagnoseCalls([{ endpoint: 'A', call }])).toEqual({
    leg: 'peer-library',
    facts: ['caller at A: its peer was not made'],
  })
})
