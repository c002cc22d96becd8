import type { Answer, Candidate, Hangup, Offer } from '@parley/schemas'

/** What a relayed message of a check says beyond its place. */
export interface Place {
  readonly room: string
  readonly to: string
  readonly call: string
}

/** A short session description that is real in form: one data channel. */
export const sampleSdp = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:Wk4v',
  'a=ice-pwd:asd88fgpdd777uzjYhagZgHQ',
  'a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2',
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  '',
].join('\r\n')

/** A candidate attribute as gathered for {@link sampleSdp}. */
export const sampleCandidate =
  'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag Wk4v network-cost 999'

/** An offer, valid and plain. */
export function offerTo(place: Place, more: Partial<Offer> = {}): Offer {
  return { type: 'offer', ...place, negotiation: 1, sdp: sampleSdp, ...more }
}

/** The answer to {@link offerTo}. */
export function answerTo(place: Place, more: Partial<Answer> = {}): Answer {
  return { type: 'answer', ...place, negotiation: 1, sdp: sampleSdp, ...more }
}

/** A candidate for {@link offerTo}. */
export function candidateTo(place: Place, more: Partial<Candidate['candidate']> = {}): Candidate {
  const candidate = {
    candidate: sampleCandidate,
    sdpMid: '0',
    sdpMLineIndex: 0,
    usernameFragment: 'Wk4v',
    ...more,
  }
  return { type: 'candidate', ...place, negotiation: 1, candidate }
}

/** A hangup. */
export function hangupTo(place: Place, reason: Hangup['reason'] = 'normal'): Hangup {
  return { type: 'hangup', ...place, reason }
}
