import type { Handler } from '../handler.ts'
import { refuse } from '../reply.ts'

/** Goes on with an earlier session on this connection. */
export const handleResume: Handler<'resume'> = (message, client) => {
  if (client.goOn(message)) return
  // resume.failed, resume.no-oracle, resume.states: one answer, whatever the cause
  refuse(client, message, 'resume-failed', 'Cannot resume: there is no such session to go on with here')
}
