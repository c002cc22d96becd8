import { Type, type Static } from '@sinclair/typebox'

/** Any JSON value of the application, carried unread; bounded only by the server's limits. */
export const Data = Type.Unknown({
  title: 'Data',
  description:
    'Any JSON value, null included; carried unread. A server may bound its size with limits.dataBytes.',
})
/** A value of the schema of this name. */
export type Data = Static<typeof Data>
