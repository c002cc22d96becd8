/** Every ICE username fragment that stands in a session description, each once (RFC 8839, section 5.4). */
export function usernameFragments(sdp: string): ReadonlySet<string> {
  return new Set(Array.from(sdp.matchAll(/^a=ice-ufrag:(\S+)/gm), (match) => match[1] ?? ''))
}

/** The username fragment that libwebrtc writes into a candidate as an extension attribute, if it is there. */
export function candidateUsernameFragment(candidate: string): string | undefined {
  return / ufrag (\S+)/.exec(candidate)?.[1]
}

/** Whether the candidate's transport is TCP (RFC 8839, section 5.1). */
export function isTCPCandidate(candidate: string): boolean {
  return /^candidate:\S+ \d+ tcp /i.test(candidate)
}
