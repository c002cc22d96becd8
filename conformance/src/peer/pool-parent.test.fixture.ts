/* A parent that opens a peer, tells the ids of its processes, and goes on until it is killed. */
import { WrtcPool } from './wrtc.ts'

const pool = new WrtcPool()
await pool.openPeer()
process.send?.(pool.processIds)
