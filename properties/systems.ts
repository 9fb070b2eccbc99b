/** The systems that schedules are played against by name. */
import { srcParty } from './parties/src.ts'
import { type System, systemOf } from './system.ts'

export const srcSystem: System = systemOf('src', srcParty, srcParty)
