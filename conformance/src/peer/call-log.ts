import { createHash } from 'node:crypto'
import { usernameFragments } from './sdp.ts'
import type { PeerState, RTCSessionDescriptionInit } from './peer-connection.ts'

/** A description in a log: enough to tell whether what arrived is what was sent. */
export interface DescriptionDigest {
  readonly type: RTCSessionDescriptionInit['type']
  readonly negotiation: number
  readonly usernameFragments: readonly string[]
  /** First 16 hexadecimal digits of the SHA-256 of its SDP. */
  readonly digest: string
}

/** One step of a call, without its time. */
export type CallStep =
  | ({
      readonly step: 'description-sent' | 'description-received' | 'description-applied'
    } & DescriptionDigest)
  /** The caller ignored an offer that collided with its own; the callee rolled its own back. */
  | ({ readonly step: 'offer-ignored' | 'offer-rolled-back' } & Pick<DescriptionDigest, 'negotiation'>)
  | {
      readonly step:
        'candidate-sent' | 'candidate-received' | 'candidate-kept' | 'candidate-added' | 'candidate-discarded'
      readonly negotiation: number
      readonly usernameFragment: string
      /** The candidate line; empty at the end of candidates. */
      readonly candidate: string
    }
  | ({ readonly step: 'state' } & Pick<
      PeerState,
      'signalingState' | 'connectionState' | 'iceConnectionState'
    >)
  /** A STUN or TURN server did not give a candidate. */
  | { readonly step: 'candidate-error'; readonly url: string; readonly code: number; readonly text: string }
  | { readonly step: 'negotiation-needed' }
  | { readonly step: 'channel-open'; readonly label: string }
  | { readonly step: 'track'; readonly kind: string; readonly mid: string | null }
  | { readonly step: 'error'; readonly name: string; readonly detail: string }
  | { readonly step: 'ended'; readonly reason: string; readonly by: 'local' | 'remote' }

/** One step of a call. */
export type CallLogEntry = CallStep & {
  /** Milliseconds of the clock that the endpoint was given. */
  readonly atMs: number
}

/** Everything that one side of a call did and saw, in order: the evidence. */
export class CallLog {
  readonly #entries: CallLogEntry[] = []
  readonly #now: () => number
  readonly #appended: () => void

  /** @param appended - called after each step */
  constructor(now: () => number, appended: () => void) {
    this.#now = now
    this.#appended = appended
  }

  /** The steps so far. */
  get entries(): readonly CallLogEntry[] {
    return this.#entries
  }

  /** Adds a step. */
  append(step: CallStep): void {
    this.#entries.push({ ...step, atMs: this.#now() })
    this.#appended()
  }

  /** All steps of one name. */
  steps<Name extends CallStep['step']>(name: Name): readonly (CallLogEntry & { readonly step: Name })[] {
    return this.#entries.filter(
      (entry): entry is CallLogEntry & { readonly step: Name } => entry.step === name,
    )
  }
}

/** What a log keeps of a description. */
export function digestDescription(
  { type, sdp }: RTCSessionDescriptionInit,
  negotiation: number,
): DescriptionDigest {
  const digest = createHash('sha256').update(sdp).digest('hex').slice(0, 16)
  return { type, negotiation, usernameFragments: [...usernameFragments(sdp)], digest }
}
