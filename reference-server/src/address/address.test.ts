import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { addressOf } from './address.ts'

function request(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage
}

describe('addressOf()', () => {
  it('is the address of the socket, whatever a header says, where no proxy is trusted', () => {
    expect(addressOf(request('192.0.2.7'), 0)).toBe('192.0.2.7')
    expect(addressOf(request('192.0.2.7', '198.51.100.1'), 0)).toBe('192.0.2.7')
    expect(addressOf(request('::ffff:192.0.2.7'), 0)).toBe('192.0.2.7')
  })

  it('is what the outermost trusted proxy has seen, and not what its client has written before', () => {
    expect(addressOf(request('127.0.0.1', '203.0.113.9, 192.0.2.7'), 1)).toBe('192.0.2.7')
    expect(addressOf(request('127.0.0.1', '203.0.113.9, 192.0.2.7, 10.0.0.2'), 2)).toBe('192.0.2.7')
    expect(addressOf(request('127.0.0.1'), 1)).toBe('127.0.0.1')
  })

  it('is one for a whole /64', () => {
    expect(addressOf(request('2001:db8:1:2::1'), 0)).toBe('2001:db8:1:2::/64')
    expect(addressOf(request('2001:db8:1:2:ffff:1:2:3'), 0)).toBe('2001:db8:1:2::/64')
    expect(addressOf(request('2001:db8:1:3::1'), 0)).toBe('2001:db8:1:3::/64')
  })

  it.each(['unknown', '_hidden', '[2001:db8::1]:4711', '192.0.2.7:80'])(
    'is not known where a proxy writes "%s"',
    (forwarded) => {
      expect(addressOf(request('127.0.0.1', forwarded), 1)).toBe('')
    },
  )

  it('is not known of a socket that is gone', () => {
    expect(addressOf(request(undefined), 0)).toBe('')
  })
})
