import type { CheckResult } from '../result.ts'

/** Words of what was expected that belong to a symptom: what kind of thing did not come. */
const expectedWords = 3

/**
 * What a failure looked like, without the names and numbers that differ from check to check: two failures with the same symptom most likely
 * have the same cause.
 */
export function symptomOf({ expected = '', actual = '' }: CheckResult): string {
  const [, uncalledFor] = /\berror ((?:internal|kicked|replaced|too-slow)\b)/.exec(actual) ?? []
  // No check sends what earns these, save those that await them: whatever was awaited instead says nothing.
  if (uncalledFor !== undefined) return `the error ${uncalledFor}`
  const thing = plain(expected).split(' ').slice(0, expectedWords).join(' ')
  return `${thing} | ${plain(actual)}`
}

function plain(text: string): string {
  return (
    text
      .replace(/"(?:[^"\\]|\\.)*"/g, '"')
      .replace(/[\w-]{16,}/g, '#')
      .replace(/\d+/g, '0')
      // The letter by which an endpoint is called.
      .replace(/\b[A-Z]\b/g, '#')
  )
}
