import { Type, type TString } from '@sinclair/typebox'

/**
 * A string field bounded by an ASCII pattern, so that every validator counts its characters alike.
 *
 * @param minimum - Fewest characters.
 * @param maximum - Most characters, at most 1000: RE2 (Go, Rust) accepts no higher repeat count.
 * @param title - Name of the field among the shared definitions.
 * @param description - What the field is for; the range is appended.
 */
export function printableAscii(
  minimum: number,
  maximum: number,
  title: string,
  description: string,
): TString {
  return Type.String({
    title,
    description: `${description} ${minimum} to ${maximum} printable ASCII characters (U+0020 to U+007E).`,
    pattern: `^[ -~]{${minimum},${maximum}}$`,
  })
}
