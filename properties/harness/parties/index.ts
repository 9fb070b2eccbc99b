/** The public door: what an implementation of your own needs to be played against every schedule. */
export type { EndedBy, Reason, View } from '../../../spec/events.ts'
export type { End, LimitName, Mode, Schedule, Side } from '../../../spec/language.ts'
export { CHECKS, type Check, examine } from '../examine.ts'
export type { Finding } from '../monitors.ts'
export { type System, systemOf } from '../system.ts'
export { changed } from './changed.ts'
export type { Host, MakeParty, Party, PartySetup, Report } from './party.ts'
export { referenceParty } from './reference.ts'
