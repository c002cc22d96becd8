import type { CheckResult } from '../result.ts'

/** Words of what was expected that belong to a symptom: what kind of thing did not come. */
const expectedWords = 3

/**
 * What a failure looked like, without the names and numbers that differ from check to check: two failures with the same symptom most likely
 * have the same cause.
 */
export function symptomOf({ expected = '', actual = '' }: CheckResult): string {
  const thing = plain(expected).split(' ').slice(0, expectedWords).join(' ')
  return `${thing} | ${plain(actual)}`
}

function plain(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, '"')
    .replace(/[\w-]{16,}/g, '#')
    .replace(/\d+/g, '0')
}
