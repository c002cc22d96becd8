import { Type } from '@sinclair/typebox'
import { about, integer, string } from '../option-field.ts'

/** The options about finding rooms and users; part of the one table of options. */
export const discoveryOptions = {
  findRooms: about(
    'discovery',
    Type.Union([Type.Literal('own'), Type.Literal('joinable')], {
      default: 'own',
      value: 'WHICH',
      text: 'rooms that a client finds: its own, or all joinable ones',
    }),
  ),
  seeUsers: about(
    'discovery',
    Type.Union([Type.Literal('self'), Type.Literal('anyone')], {
      default: 'self',
      value: 'WHOM',
      text: 'users that a user sees online: self, or anyone',
    }),
  ),
  seeModule: about('discovery', string('FILE', 'ES module that decides it instead', '')),
  watches: about('discovery', integer('N', 'users that a peer watches at a time', 256, 10)),
  pageItems: about('discovery', integer('N', 'most items of a page', 100, 1, 1000)),
  findsPerSecond: about('discovery', integer('N', 'lasting finds of a peer, 0 for any', 50, 0)),
}
