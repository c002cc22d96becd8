import { whenReady } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { refuse } from '../reply.ts'

/** Goes on with an earlier session on this connection. */
export const handleResume: Handler<'resume'> = (message, client) =>
  whenReady(client.goOn(message), (found) => {
    if (found) return
    // resume.failed, resume.no-oracle, resume.states: one answer, whatever the cause
    refuse(client, message, 'resume-failed', 'Cannot resume: there is no such session to go on with here')
  })
