import type { Handler } from '../handler.ts'
import { relay } from './relay.ts'

/** Carries `hangup` to its receiver. */
export const handleHangup: Handler<'hangup'> = relay
