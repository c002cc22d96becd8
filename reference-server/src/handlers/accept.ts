import type { Handler } from '../handler.ts'
import { handleCallEvent } from './call-event.ts'

/** Gives a call to the endpoint that takes it. */
export const handleAccept: Handler<'accept'> = handleCallEvent
