import { checkClientMessage } from '@parley/schemas'
import { expect } from 'vitest'
import { CallEndpoint } from './call-endpoint.ts'
import { strayFrom } from './machine.test.fixture.ts'
import { MemoryRelay } from './memory-relay.ts'
import type { Call } from './call.ts'
import type { CallEndpointOptions } from './call-endpoint.ts'
import type { CallMessage } from './call-message.ts'
import type { CallOptions } from './call-options.ts'
import type { PeerSource } from './peer-connection.ts'

/** Endpoints in one room on a memory relay. */
export interface TestRoom extends AsyncDisposable {
  readonly relay: MemoryRelay
  endpoint(peer: string): CallEndpoint
  /** The endpoint on the other side of `call`, and its call there. */
  take(at: string, call: Call): Promise<Call>
}

export const alice = 'alice-0123456789'
export const bob = 'bob-0123456789ab'
export const carol = 'carol-0123456789'

/** Opens a room. When it closes, every frame that was sent in it has to be valid, and every call to have followed the machine of negotiations. */
export function openRoom(
  peers: PeerSource,
  options: Partial<CallEndpointOptions> & {
    readonly delay?: (from: string, message: CallMessage) => Promise<void> | undefined
  } = {},
): TestRoom {
  const { delay, ...endpointOptions } = options
  const relay = new MemoryRelay(delay)
  const endpoints = new Map<string, CallEndpoint>()
  const endpoint = (peer: string) => {
    const known = endpoints.get(peer)
    if (known) return known
    const opened = new CallEndpoint({
      room: 'r1',
      peers,
      signaling: relay.signalingOf(peer),
      ...endpointOptions,
    })
    endpoints.set(peer, opened)
    relay.attach(peer, opened)
    return opened
  }
  for (const peer of [alice, bob]) endpoint(peer)
  return {
    relay,
    endpoint,
    take: (at, call) => endpoint(at).nextCall(({ place }) => place.id === call.place.id),
    async [Symbol.asyncDispose]() {
      await Promise.all([...endpoints.values()].map((each) => each[Symbol.asyncDispose]()))
      for (const { history } of endpoints.values())
        for (const { log } of history) expect(strayFrom(log.entries)).toBeUndefined()
      for (const { message } of relay.sent) expect(checkClientMessage(message)).toMatchObject({ ok: true })
    },
  }
}

/** Alice calls Bob. Returns both sides. */
export async function connectPair(
  room: TestRoom,
  options: CallOptions = {},
): Promise<{ readonly caller: Call; readonly callee: Call }> {
  const caller = await room.endpoint(alice).call(bob, options)
  const callee = await room.take(bob, caller)
  return { caller, callee }
}

/** Both sides connected, and no side saw anything wrong. */
export async function bothConnected(...calls: readonly Call[]): Promise<void> {
  await Promise.all(calls.map((call) => call.connected()))
  for (const call of calls) expect(call.errors).toEqual([])
}

/** Waits until as many more frames of each kind have reached a call. */
export function moreFrames(
  call: Call,
  more: { readonly audio?: number; readonly video?: number },
): Promise<void> {
  const { audio, video } = call.peer.frames
  const wanted = { audio: audio + (more.audio ?? 0), video: video + (more.video ?? 0) }
  const enough = () => call.peer.frames.audio >= wanted.audio && call.peer.frames.video >= wanted.video
  return call.until(enough, `frames ${JSON.stringify(more)}`)
}
