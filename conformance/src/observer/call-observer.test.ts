import { expect, test } from 'vitest'
import { CallLedger } from './call-ledger.ts'
import { createCallObserver } from './call-observer.ts'
import { RoomLedger } from './room-ledger.ts'
import { Watch } from './violation.ts'

/** Which peers are found to ring without being meant, when each of them gets the invite of a call: ann's two devices, bob's, and nobody's. */
function astray(...callees: readonly unknown[]): readonly string[] {
  const run = { watch: new Watch(), callLedger: new CallLedger(), roomLedger: new RoomLedger() }
  const found: string[] = []
  const users = new Map([
    ['ann-1', 'ann'],
    ['ann-2', 'ann'],
    ['bob-1', 'bob'],
    ['nobody', undefined],
  ])
  const endpoints = [...users].map(([peer, user]) => {
    const endpoint = createCallObserver(run, () => found.push(peer))
    endpoint.received({ type: 'welcome', peer })
    run.roomLedger.identified(peer, user)
    return endpoint
  })
  // Of whom nothing is known may be anybody.
  endpoints.push(createCallObserver(run, () => found.push('unknown')))
  const [caller] = endpoints
  for (const callee of callees) caller?.sent({ type: 'invite', call: 'one', callee })
  for (const endpoint of endpoints)
    for (const call of ['one', 'of somebody else']) endpoint.received({ type: 'invite', call })
  return found
}

test.each([
  ['a peer rings alone', [{ peer: 'ann-2' }], ['ann-1', 'bob-1', 'nobody', 'unknown']],
  ['the devices of a user ring alone', [{ user: 'ann' }], ['bob-1', 'nobody']],
  ['either callee of one id may ring', [{ peer: 'bob-1' }, { user: 'ann' }], ['nobody']],
  ['anybody may ring for a callee that names nobody', [{}], []],
  ['and for one that is none', [1], []],
  ['nothing is known of calls that the kit has not made', [], []],
])('%s', (_title, callees, expected) => {
  expect(astray(...callees)).toEqual(expected)
})
