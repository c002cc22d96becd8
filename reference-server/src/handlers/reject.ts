import type { Handler } from '../handler.ts'
import { handleCallEvent } from './call-event.ts'

/** Takes an endpoint out of a call, or ends the call. */
export const handleReject: Handler<'reject'> = handleCallEvent
