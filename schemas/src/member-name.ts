import type { TObject } from '@sinclair/typebox'

/** A member of a message whose value may have certain names only. */
export interface NamePlace {
  readonly member: string
  readonly pattern: RegExp
}

/** The members of a message that bound the names of their values by `propertyNames`, which TypeBox's compiled check does not know. */
export function namePlacesOf({ properties }: TObject): readonly NamePlace[] {
  return Object.entries(properties).flatMap(([member, { propertyNames }]) => {
    const pattern = (propertyNames as { readonly pattern?: string } | undefined)?.pattern
    return pattern === undefined ? [] : [{ member, pattern: new RegExp(pattern, 'u') }]
  })
}

/** JSON Pointer tokens of the first name that is not allowed at its place; `undefined` where all are. */
export function misnamed(
  places: readonly NamePlace[],
  message: object,
): readonly [string, string] | undefined {
  for (const { member, pattern } of places) {
    const value: unknown = (message as Readonly<Record<string, unknown>>)[member]
    for (const name of Object.keys(value ?? {})) if (!pattern.test(name)) return [member, name]
  }
  return undefined
}
