import type { Handler } from '../handler.ts'
import { relay } from './relay.ts'

/** Carries `offer` to its receiver. */
export const handleOffer: Handler<'offer'> = relay
