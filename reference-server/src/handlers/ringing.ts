import type { Handler } from '../handler.ts'
import { handleCallEvent } from './call-event.ts'

/** Notes that an endpoint alerts its user. */
export const handleRinging: Handler<'ringing'> = handleCallEvent
