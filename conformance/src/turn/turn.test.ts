import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { tryAllocation } from './allocation.ts'
import { addressOf, errorOf, isSignedBy, readStun, stunTypes, writeStun } from './stun-message.ts'
import { readTurnURL } from './turn-url.ts'

/** RFC 5769, section 2.4: a request with long-term credentials. */
const sample = Buffer.from(
  `000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39353464364f4c333
   46f4c39465354767936347341001400 0b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666`.replace(
    /\s/g,
    '',
  ),
  'hex',
)

describe('the messages of STUN', () => {
  test('sample request of RFC 5769 has the signature of its password', () => {
    const key = {
      username: '\u30de\u30c8\u30ea\u30c3\u30af\u30b9',
      realm: 'example.org',
      credential: 'TheMatrIX',
    }
    expect(readStun(sample)?.attributes.realm?.toString()).toBe('example.org')
    expect(isSignedBy(sample, key)).toBe(true)
    expect(isSignedBy(sample, { ...key, credential: 'TheMatrix' })).toBe(false)
  })

  test('what is written is read again, and signed', () => {
    const key = { username: 'ada', realm: 'r', credential: 'c' }
    const transaction = Buffer.alloc(12, 7)
    const bytes = writeStun(stunTypes.allocateRequest, transaction, { username: 'ada', realm: 'r' }, key)
    expect(readStun(bytes)).toMatchObject({ type: stunTypes.allocateRequest, transaction })
    expect(isSignedBy(bytes, key)).toBe(true)
    expect(readStun(bytes.subarray(0, -1))).toBeUndefined()
    expect(readStun(Buffer.from('GET / HTTP/1.1\r\n\r\n and more'))).toBeUndefined()
  })

  test('errors and addresses are read', () => {
    const transaction = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex')
    const of = (attributes: Parameters<typeof writeStun>[2]) => {
      const message = readStun(writeStun(0x0113, transaction, attributes))
      if (message === undefined) throw new Error('It cannot be read')
      return message
    }
    expect(errorOf(of({ errorCode: Buffer.from('\0\0\x04\x01Unauthorized\x07') }))).toEqual({
      code: 401,
      reason: 'Unauthorized',
    })
    // RFC 5769, sections 2.2 and 2.3
    expect(addressOf(of({}), Buffer.from('0001a147e112a643', 'hex'))).toBe('192.0.2.1:32853')
    expect(addressOf(of({}), Buffer.from('0002a1470113a9faa5d3f179bc25f4b5bed2b9d9', 'hex'))).toBe(
      '[2001:db8:1234:5678:11:2233:4455:6677]:32853',
    )
  })
})

test.each([
  ['turn:a', { scheme: 'turn', host: 'a', port: 3478, transport: 'udp' }],
  ['turn:a:99?transport=tcp', { scheme: 'turn', host: 'a', port: 99, transport: 'tcp' }],
  ['turns:[::1]', { scheme: 'turns', host: '::1', port: 5349, transport: 'tls' }],
  ['turns:a?transport=udp', { scheme: 'turns', host: 'a', port: 5349, transport: 'dtls' }],
  ['stun:192.0.2.1:1', { scheme: 'stun', host: '192.0.2.1', port: 1, transport: 'udp' }],
  ['turn:a:65536', undefined],
  ['turn:', undefined],
  ['https://a', undefined],
])('readTurnURL() reads %s', (url, expected) => {
  expect(readTurnURL(url)).toEqual(expected)
})

describe('tryAllocation()', () => {
  const trial = (url: string) =>
    tryAllocation({ url, username: 'u', credential: 'c' }, AbortSignal.timeout(300))

  test('says that nothing answers', async () => {
    const silent = createSocket('udp4')
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
    expect(await trial(`turn:127.0.0.1:${String(silent.address().port)}`)).toEqual({
      kind: 'unreachable',
      reason: 'no answer over UDP in time',
    })
    silent.close()
  })

  test('says that the port is closed, and that the host is unknown', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    for (const url of [`turn:127.0.0.1:${String(port)}?transport=tcp`, `turns:127.0.0.1:${String(port)}`])
      expect(await trial(url)).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringContaining('ECONNREFUSED') as string,
      })
    expect(await trial('turn:nowhere.invalid')).toMatchObject({ kind: 'unreachable' })
    expect(await trial('turns:127.0.0.1?transport=udp')).toMatchObject({ kind: 'unreachable' })
    expect(await trial('stun:127.0.0.1')).toMatchObject({ kind: 'unreachable' })
  })

  test('finds a server that asks nobody for credentials', async () => {
    const open = createSocket('udp4')
    open.on('message', (bytes, from) => {
      const { transaction } = readStun(bytes) ?? { transaction: Buffer.alloc(12) }
      open.send(writeStun(stunTypes.allocateSuccess, transaction, {}), from.port, from.address)
    })
    await new Promise<void>((resolve) => open.bind(0, '127.0.0.1', resolve))
    expect(await trial(`turn:127.0.0.1:${String(open.address().port)}`)).toEqual({ kind: 'open' })
    open.close()
  })
})
