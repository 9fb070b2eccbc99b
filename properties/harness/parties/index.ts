/**
 * The public door: what an implementation of your own needs to be played against every schedule. The contract is
 * party.ts, a whole party properties/examples/toy.ts; without the command line it goes like this:
 *
 *     const system = systemOf('mine', referenceParty, (host, setup) => new MyServer(host, setup))
 *     for (const schedule of drawSchedules({ runs: 200, seed: 1 }))
 *       for (const f of examine(schedule, system)) console.log(`${f.invariant} at action ${f.step}: ${f.why}`)
 *
 * `systemOf` makes one party of each side to ask what they report, and throws what that throws. `examine` throws
 * nothing on account of a party: an exception of one is a fault, which breaks F1.
 */
export type { EndedBy, Event, Reason, View } from '../../../spec/events.ts'
export { INVARIANTS, type Invariant } from '../../../spec/invariants/index.ts'
export type { End, LimitName, Mode, Schedule, Side } from '../../../spec/language.ts'
export { drawSchedules } from '../campaign/campaign.ts'
export { type Counterexample, minimal } from '../campaign/minimal.ts'
export { BIASES } from '../generate/biases.ts'
export { CHECKS, type Check, examine } from '../judging/examine.ts'
export type { Finding } from '../judging/monitors.ts'
export { parseStored, printStored, type Stored } from '../schedules/schedule-file.ts'
export { play } from '../world/play.ts'
export { type System, systemOf } from '../world/system.ts'
export type { Host, MakeParty, Party, PartySetup, Report } from './party.ts'
export { changed } from './party.ts'
export { referenceParty } from './reference.ts'
