import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import proxyAddr from 'proxy-addr'

/** Groups of an IPv6 address that belong to one subscriber, which has all that follow: a /64 (RFC 6177). */
const subscriberGroups = 4

/**
 * Who a request comes from, as far as limits go: an IPv4 address, or the /64 of an IPv6 address.
 *
 * @param trustedProxies - How many proxies in front write `X-Forwarded-For` and are believed; with none the header says nothing.
 * @returns Empty where it cannot be told.
 */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const address = proxyAddr(request, (_address, distance) => distance < trustedProxies)
  // A proxy, or whoever stands in front of it, can write what it likes.
  if (!ipaddr.isValid(address)) return ''
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  const network = parsed.parts.slice(0, subscriberGroups).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}
