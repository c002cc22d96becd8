/** The type of a message with its article, for a sentence: `an offer`, `a candidate`. */
export function indefinite(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}
