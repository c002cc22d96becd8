/** Lengths to which the strings of a frame are cut until it fits, the longest first. */
const stringLengths = [120, 60, 32, 12] as const

/**
 * A frame in fewer characters: its long strings are cut, so that each member can still be seen. Where that is not enough, or the text is no
 * JSON, its end is cut.
 *
 * @param most - How many characters it may have.
 */
export function abbreviated(text: string, most: number): string {
  if (text.length <= most) return text
  let shorter = text
  for (const length of stringLengths) {
    shorter = text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (quoted, inner: string) =>
      inner.length <= length + 1 ? quoted : `"${beginningOf(inner, length)}…"`,
    )
    if (shorter.length <= most) return shorter
  }
  return `${shorter.slice(0, most - 1)}…`
}

/** The first characters of what stands between quotation marks, without the half of an escape. */
function beginningOf(inner: string, length: number): string {
  return inner.slice(0, length).replace(/\\(u[0-9a-fA-F]{0,3})?$/, '')
}
