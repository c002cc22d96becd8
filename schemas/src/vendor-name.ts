import { Type, type Static } from '@sinclair/typebox'

/** Label, dot, label …: what tells a vendor's name from one of Parley's, which never contains a dot. */
const reverseDomain = '[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)+'

/** A vendor's own reason or error code: a reverse-domain name such as `com.example.mute`. */
export const VendorName = Type.Unsafe<`${string}.${string}`>(
  Type.String({
    title: 'VendorName',
    description:
      'A reverse-domain name such as com.example.mute: two or more labels of A-Z, a-z, 0-9, "_" and "-", joined by dots.',
    pattern: `^${reverseDomain}$`,
  }),
)
/** A value of the schema of this name. */
export type VendorName = Static<typeof VendorName>

/** Names of capabilities: lower-case words joined by hyphens, or a reverse-domain name. */
export const capabilityNamePattern = `^([a-z][a-z0-9]*(-[a-z0-9]+)*|${reverseDomain})$`
