import type { Handler } from '../handler.ts'
import { handleCallEvent } from './call-event.ts'

/** Ends a call that rings. */
export const handleCancel: Handler<'cancel'> = handleCallEvent
