import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { talk } from '../calls/stage.ts'
import { authenticatedAt, expectExpiry, shortLived } from '../scene/expiry.ts'
import { tokenOf } from '../scene/token.ts'

/** Whoever is in a room and talks is ended like everybody else: no call holds longer than the right to be there. */
async function endsInCall(t: CheckContext): Promise<void> {
  const { user } = shortLived(t, 1)
  const room = t.room(user)
  const token = await tokenOf(t, user)
  const b = await t.client({ user })
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  await t.join(room, b, a)
  await talk(t, a, b)
  await expectExpiry(t, a, sentAt, expiresInMs)
}

/** The end of an authentication while a call is up. */
export const expiryInCallCheck: Check = check(
  'auth.expiry',
  'the end of an authentication amid a call',
  endsInCall,
  {
    name: 'call',
    capability: 'calls',
  },
)
