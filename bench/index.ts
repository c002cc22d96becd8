/** All benchmarks, one after another. */
await import('./relay.ts')
await import('./idle-memory.ts')
