import type { SecureContext } from 'node:tls'
import { openStunChannel, StunUnreachable, type StunAnswer, type StunChannel } from './stun-channel.ts'
import {
  addressOf,
  drawTransaction,
  errorOf,
  isSignedBy,
  requestedUDP,
  stunTypes,
  writeStun,
  writeUInt32,
  type LongTermKey,
} from './stun-message.ts'
import { readTurnURL, type TurnURL } from './turn-url.ts'

/** A TURN server to try, and with what. */
export interface TurnTrial {
  readonly url: string
  readonly username: string
  readonly credential: string
  /** Whom to trust for TLS; the usual authorities without. */
  readonly trust?: SecureContext | undefined
}

/** What a TURN server says to credentials. */
export type AllocationOutcome =
  /** `relayed` is the address that it has given, and taken back since. */
  | { readonly kind: 'allocated'; readonly relayed: string }
  /** An error of TURN or STUN, such as 401. */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }
  /** It gives a relay to who names no credentials. */
  | { readonly kind: 'open' }
  /** It answers as one does that does not know the password. */
  | { readonly kind: 'unsigned' }
  /** Nothing is known of the credentials: no answer, no way, or a URL that the kit cannot use. */
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Unauthorized and Stale Nonce: RFC 8489, section 14.8. */
const [unauthorized, staleNonce] = [401, 438]

/** The port from which the kit asks has an allocation of earlier: RFC 8656, section 19. Another port has none. */
const allocationMismatch = 437

/** Ports to ask from before the kit gives up. */
const ports = 3

/** Nonces that a server may find stale before the kit gives up. */
const nonces = 3

/**
 * Asks a TURN server for an allocation with the long-term credentials, and gives it back at once: RFC 8656, sections 7 and 8;
 * RFC 8489, section 9.2.
 *
 * @param signal - Ends the trial: `unreachable`.
 */
export async function tryAllocation(trial: TurnTrial, signal: AbortSignal): Promise<AllocationOutcome> {
  const url = readTurnURL(trial.url)
  if (url === undefined || !url.scheme.startsWith('turn'))
    return { kind: 'unreachable', reason: 'it is no URL of TURN' }
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(url, trial, signal)
    const isTaken = outcome.kind === 'refused' && outcome.code === allocationMismatch
    if (!isTaken || attempt === ports) return outcome
  }
}

async function tryOnce(url: TurnURL, trial: TurnTrial, signal: AbortSignal): Promise<AllocationOutcome> {
  let channel: StunChannel | undefined
  try {
    channel = await openStunChannel(url, trial.trust, signal)
    return await allocate(channel, trial, signal)
  } catch (error) {
    if (!(error instanceof StunUnreachable)) throw error
    return { kind: 'unreachable', reason: error.message }
  } finally {
    channel?.close()
  }
}

async function allocate(
  channel: StunChannel,
  { username, credential }: TurnTrial,
  signal: AbortSignal,
): Promise<AllocationOutcome> {
  const asked = { requestedTransport: requestedUDP }
  const bare = await channel.ask(writeStun(stunTypes.allocateRequest, drawTransaction(), asked), signal)
  if (bare.message.type === stunTypes.allocateSuccess) return { kind: 'open' }
  let refusal = bare
  for (let attempt = 0; attempt < nonces; attempt += 1) {
    const { realm, nonce } = refusal.message.attributes
    const { code, reason } = errorOf(refusal.message)
    const mayGoOn = attempt === 0 ? code === unauthorized : code === staleNonce
    if (!mayGoOn || realm === undefined || nonce === undefined) return { kind: 'refused', code, reason }
    const key: LongTermKey = { username, realm: realm.toString(), credential }
    const identity = { username, realm, nonce }
    const signed = writeStun(stunTypes.allocateRequest, drawTransaction(), { ...asked, ...identity }, key)
    const answer = await channel.ask(signed, signal)
    if (answer.message.type === stunTypes.allocateSuccess) {
      await giveBack(channel, key, identity, signal)
      return judge(answer, key)
    }
    refusal = answer
  }
  return { kind: 'refused', ...errorOf(refusal.message) }
}

function judge({ bytes, message }: StunAnswer, key: LongTermKey): AllocationOutcome {
  if (!isSignedBy(bytes, key)) return { kind: 'unsigned' }
  return { kind: 'allocated', relayed: addressOf(message, message.attributes.xorRelayedAddress) ?? 'unknown' }
}

/** Leaves nothing behind on the server. Where that fails the allocation ends by itself after ten minutes. */
async function giveBack(
  channel: StunChannel,
  key: LongTermKey,
  identity: { readonly username: string; readonly realm: Buffer; readonly nonce: Buffer },
  signal: AbortSignal,
): Promise<void> {
  const request = { lifetime: writeUInt32(0), ...identity }
  try {
    await channel.ask(writeStun(stunTypes.refreshRequest, drawTransaction(), request, key), signal)
  } catch (error) {
    if (!(error instanceof StunUnreachable)) throw error
  }
}
