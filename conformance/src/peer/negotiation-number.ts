/** Which side of a call: the caller drew its id and sent the first offer. The callee is the polite one. */
export type CallRole = 'caller' | 'callee'

/**
 * The number of a role's next offer: odd for the caller, even for the callee, greater than every one sent or seen.
 * @param highest - the greatest number sent or seen in the call so far, 0 before the first
 */
export function nextNegotiation(role: CallRole, highest: number): number {
  const next = highest + 1
  return isOfferNumberOf(role, next) ? next : next + 1
}

/** Whether offers of this role may carry this number. */
export function isOfferNumberOf(role: CallRole, negotiation: number): boolean {
  return (negotiation % 2 === 1) === (role === 'caller')
}
