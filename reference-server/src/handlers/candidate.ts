import type { Handler } from '../handler.ts'
import { relay } from './relay.ts'

/** Carries `candidate` to its receiver. */
export const handleCandidate: Handler<'candidate'> = relay
