import { defaultHandlers, type Directory, type Services } from '@parley/reference-server'
import { servicesWith } from '../altered-presence.ts'
import { startReferenceServer } from '../running-server.ts'

/** An object with some members replaced; its methods are called on itself. */
export function over<T extends object>(inner: T, changed: Partial<T>): T {
  return new Proxy(inner, {
    get: (target, name) => {
      if (Object.hasOwn(changed, name)) return changed[name as keyof T]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Services with a directory that lists rooms in its own way. */
export function listing(services: Services, listRooms: Directory['listRooms']): Services {
  return servicesWith(services, { directory: over(services.directory, { listRooms }) })
}

/**
 * Pages that begin after so many items, as many a database is asked.
 *
 * @param fromPlace - Sorts out what has come before, so that nothing comes twice.
 */
export function byCounting(fromPlace = false) {
  const find: typeof defaultHandlers.find = (message, client, services, frame) => {
    const list = listing(services, async ({ after, most, ...wanted }) => {
      const all = await services.directory.listRooms({ ...wanted, after: undefined, most: Infinity })
      const skip = counts.get(`${client.peer} ${after ?? ''}`) ?? 0
      const page = all.slice(skip, skip + most)
      const last = page.at(most - 2)
      if (last) counts.set(`${client.peer} ${last.room}`, skip + most - 1)
      return fromPlace ? page.filter(({ room }) => after === undefined || room > after) : page
    })
    return defaultHandlers.find(message, client, list, frame)
  }
  const counts = new Map<string, number>()
  return startReferenceServer({}, { handlers: { ...defaultHandlers, find } })
}
