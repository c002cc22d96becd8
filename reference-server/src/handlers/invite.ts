import { writeData } from '../application-data.ts'
import { mayInvite, partyOf } from '../calls/permission.ts'
import { whenReady } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { refuse } from '../reply.ts'
import { concluder } from './call-event.ts'

/** Rings somebody. */
export const handleInvite: Handler<'invite'> = (message, client, services, frame) => {
  const { call, callee, label, ringSeconds } = message
  const data = message.data === undefined ? undefined : writeData(message.data, frame.toString())
  if (data?.ok === false) {
    refuse(client, message, 'bad-message', data.detail)
    return
  }
  const { dataBytes } = services.options
  if (data !== undefined && data.bytes > dataBytes) {
    const text = `Cannot call: data has ${data.bytes} bytes, the limit is ${dataBytes}`
    refuse(client, message, 'too-large', text) // ring.data
    return
  }
  return whenReady(mayInvite(callee, client, services), (permitted) => {
    const asked = {
      id: call,
      caller: partyOf(client),
      callee,
      label,
      data: data?.text,
      ringSeconds,
      permitted,
    }
    return whenReady(services.calls.invite(asked), concluder(message, client, services))
  })
}
