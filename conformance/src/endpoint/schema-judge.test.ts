import { iceServers } from '@parley/schemas'
import { expect, test } from 'vitest'
import { schemaJudge } from './schema-judge.ts'

test('schemaJudge says of a value of several shapes what keeps it from each', () => {
  const urls = ['turn:turn.example:3478']
  const credentials = { username: 'ada', credential: 'pässword' }
  const fault = schemaJudge.server({ type: iceServers.type, iceServers: [{ urls, ...credentials }] })
  expect(fault).toContain('/iceServers/0/urls/0 must match pattern "^stuns?:')
  expect(fault).toContain(', or else /iceServers/0/credential must match pattern "^[ -~]')
})

test('schemaJudge says one thing once', () => {
  const fault = schemaJudge.server({ type: iceServers.type, iceServers: [7] })
  expect(fault).toBe('/iceServers/0 must be object')
})

test('schemaJudge says of a member that has no place in a message that it must not be there', () => {
  expect(schemaJudge.server({ type: 'pong', ref: 'A1', seq: 1 })).toBe('/seq must not be there')
})

test('schemaJudge names a member whose name is not allowed', () => {
  expect(schemaJudge.server({ type: 'pong', ref: 'A1', $x: 1 })).toBe(
    'the message has the member "$x", whose name begins with $',
  )
  const offered = { type: 'hello', versions: [1], capabilities: { Drain: {} } }
  expect(schemaJudge.client(offered)).toBe('/capabilities must NOT have additional properties: "Drain"')
})
