import { PeerLibraryError } from './peer-library-error.ts'
import { PeerOperationError } from './peer-operation-error.ts'
import { SignalingError } from './signaling-error.ts'

/** An operation that only concerns this side's library: a refusal is the library's failure. */
export async function ownStep<Value>(operation: Promise<Value>): Promise<Value> {
  try {
    return await operation
  } catch (error) {
    if (!(error instanceof PeerOperationError)) throw error
    throw new PeerLibraryError(error.message, { cause: error })
  }
}

/**
 * An operation on what signaling delivered: a refusal means that it cannot be used.
 * @param what - names the thing delivered
 */
export async function remoteStep(operation: Promise<void>, what: string): Promise<void> {
  try {
    await operation
  } catch (error) {
    if (!(error instanceof PeerOperationError)) throw error
    // The caller of this function keeps the states right, so a wrong state is not signaling's doing.
    if (error.errorName === 'InvalidStateError') throw new PeerLibraryError(error.message, { cause: error })
    throw new SignalingError(`Cannot use ${what}: ${error.message}`, { cause: error })
  }
}
