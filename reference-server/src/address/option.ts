import { about, integer } from '../option-field.ts'

/** The options about what comes from one address; part of the one table of options. */
export const addressOptions = {
  connectionsPerAddress: about('address', integer('N', 'connections of one at a time, 0 for any', 0, 0)),
  authFailuresPerMinute: about('address', integer('N', 'failures to authenticate of one, 0 for any', 0, 0)),
  trustedProxies: about('address', integer('N', 'proxies whose X-Forwarded-For is believed', 0, 0, 16)),
}
