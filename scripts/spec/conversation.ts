import { isDeepStrictEqual } from 'node:util'
import { parse, type Example, type Frame } from './example.ts'
import type { Problem } from './problem.ts'

/** What is known of one endpoint while a conversation is read. */
interface Endpoint {
  readonly name: string
  peer: string | undefined
  /** Relayed messages that it sent and nobody has been shown to receive. */
  readonly sent: Frame[]
  /** Every `ice-ufrag` of its descriptions. */
  readonly fragments: Set<string>
  readonly calls: Map<string, Side>
}

/** One endpoint's side of one call. */
interface Side {
  parity: number | undefined
  greatest: number
  described: number | undefined
  readonly offers: Set<number>
}

/**
 * What in the examples of a page cannot have happened in this order between conforming endpoints.
 *
 * Examples that name an endpoint are read as one conversation, from top to bottom: ids as `welcome` gave them, relayed messages as
 * they were sent, numbers as the chapter on negotiation asks. Not every delivery need be shown.
 */
export function impossibleSteps(file: string, examples: readonly Example[]): Problem[] {
  const endpoints = new Map<string, Endpoint>()
  const endpointOf = (name: string) => {
    const known = endpoints.get(name)
    if (known) return known
    const fresh: Endpoint = { name, peer: undefined, sent: [], fragments: new Set(), calls: new Map() }
    endpoints.set(name, fresh)
    return fresh
  }
  return examples.flatMap(({ direction, endpoint: name, text, line }) => {
    const frame = parse(text)
    if (name === undefined || direction === 'invalid' || !frame) return []
    const endpoint = endpointOf(name)
    const faults =
      direction === 'client'
        ? send(endpoint, frame, [...endpoints.values()])
        : direction === 'server'
          ? learn(endpoint, frame)
          : receive(endpoint, frame, [...endpoints.values()])
    return faults.map((message) => ({ file, line, message }))
  })
}

function learn(endpoint: Endpoint, frame: Frame): string[] {
  if (frame['type'] === 'welcome') endpoint.peer = String(frame['peer'])
  if (frame['type'] !== 'joined') return []
  const { peer } = frame['self'] as { peer: string }
  return peer === endpoint.peer ? [] : [`"self" names another peer than the welcome of ${endpoint.name}`]
}

function send(endpoint: Endpoint, frame: Frame, all: readonly Endpoint[]): string[] {
  const { call, to } = frame
  if (typeof call !== 'string' || typeof to !== 'string') return []
  const receiver = all.find(({ peer, name }) => peer === to && name !== endpoint.name)
  if (!receiver) return ['"to" is the peer id of no other endpoint']
  endpoint.sent.push(frame)
  const side = sideOf(endpoint, call)
  const number = Number(frame['negotiation'])
  const faults: string[] = []
  if (frame['type'] === 'offer') {
    side.parity ??= number % 2
    if (side.parity !== number % 2)
      faults.push(`Offer ${String(number)} has the parity of the other endpoint`)
    if (number <= side.greatest)
      faults.push(`Offer ${String(number)} is not greater than ${String(side.greatest)}`)
    side.offers.add(number)
    describe(endpoint, side, frame)
  }
  if (frame['type'] === 'answer') {
    if (!sideOf(receiver, call).offers.has(number))
      faults.push(`${receiver.name} has sent no offer ${String(number)}`)
    side.parity ??= 1 - (number % 2)
    describe(endpoint, side, frame)
  }
  if (frame['type'] === 'candidate') {
    const { usernameFragment } = frame['candidate'] as { usernameFragment: string }
    const last = side.described ?? number
    if (last !== number)
      faults.push(`The last description of ${endpoint.name} is ${String(last)}, not ${String(number)}`)
    if (!endpoint.fragments.has(usernameFragment))
      faults.push(`No description of ${endpoint.name} has the fragment "${usernameFragment}"`)
  }
  return faults
}

function receive(endpoint: Endpoint, frame: Frame, all: readonly Endpoint[]): string[] {
  const { from, ...message } = frame
  const sender = all.find(({ peer, name }) => peer === from && name !== endpoint.name)
  if (!sender) return ['"from" is the peer id of no other endpoint']
  if (frame['to'] !== endpoint.peer) return [`"to" is not the peer id of ${endpoint.name}`]
  const index = sender.sent.findIndex((sent) => isDeepStrictEqual(sent, message))
  if (index === -1) return [`${sender.name} has sent no such message, or a later one has arrived already`]
  sender.sent.splice(0, index + 1)
  const side = sideOf(endpoint, String(frame['call']))
  const number = Number(frame['negotiation'])
  if (frame['type'] === 'offer') side.parity ??= 1 - (number % 2)
  if (frame['negotiation'] !== undefined) side.greatest = Math.max(side.greatest, number)
  return []
}

function describe(endpoint: Endpoint, side: Side, frame: Frame): void {
  side.described = Number(frame['negotiation'])
  side.greatest = Math.max(side.greatest, side.described)
  for (const [, fragment = ''] of String(frame['sdp']).matchAll(/^a=ice-ufrag:(.*?)\r?$/gm))
    endpoint.fragments.add(fragment)
}

function sideOf({ calls }: Endpoint, call: string): Side {
  const known = calls.get(call)
  if (known) return known
  const fresh: Side = {
    parity: undefined,
    greatest: 0,
    described: undefined,
    offers: new Set(),
  }
  calls.set(call, fresh)
  return fresh
}
