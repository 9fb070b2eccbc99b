/** The server's log: an event as a line for people or as an object for programs. Never a key, never a whole frame. */
import type { Content, EndReason, Outcome } from '../index.ts'
import type { ServerEvent } from '../net/index.ts'
import { formatAggregate, formatValues, type Paint, quote } from './terminal.ts'

type Told = Extract<ServerEvent, { kind: 'outcome' }>

/** The event without anything but names and numbers: what --json prints. */
export const asObject = (event: ServerEvent): Record<string, unknown> => {
  switch (event.kind) {
    case 'connected':
      return { event: 'connected', connection: event.connection, peer: event.peer, phase: 'INIT' }
    case 'outcome':
      return { ...outcomeAsObject(event.outcome), connection: event.connection, ...sessionOf(event) }
    case 'closed':
      return { event: 'closed', connection: event.connection }
    case 'accept-failed':
      return { event: 'accept-failed', error: event.error.message }
  }
}

const outcomeAsObject = (outcome: Outcome): Record<string, unknown> => {
  switch (outcome.kind) {
    case 'accepted':
      return contentAsObject(outcome.content)
    case 'rejected':
      return { event: 'rejected', reason: outcome.reason, bytes: outcome.frame?.length ?? null }
    case 'ended':
      return { event: 'ended', by: outcome.by }
  }
}

const contentAsObject = (content: Content): Record<string, unknown> => {
  switch (content.kind) {
    case 'hello':
    case 'challenge':
      return { event: content.kind, text: content.text }
    case 'data': {
      const { round, values, answer } = content
      return { event: 'submission', round, values, ...answer }
    }
    case 'aggregate':
      return { event: 'aggregate', round: content.round, ...content.aggregate }
    case 'desync':
    case 'terminate':
      return { event: content.kind }
  }
}

const sessionOf = ({ state }: Told): Record<string, unknown> => {
  if (state === null) return {}
  switch (state.phase) {
    case 'INIT':
      return { phase: 'INIT' }
    case 'ACTIVE':
      return { client: state.id, phase: 'ACTIVE', confirmed: state.confirmed }
    case 'TERMINATED':
      return { client: state.id, phase: 'TERMINATED' }
  }
}

/** The event as a line, without the time. */
export const asLine = (event: ServerEvent, paint: Paint): string => {
  switch (event.kind) {
    case 'connected':
      return `${tag(event.connection, paint)} INIT        connection from ${event.peer}`
    case 'outcome':
      return `${tag(event.connection, paint)} ${told(event, paint)}`
    case 'closed':
      return paint('dim', `${tag(event.connection, (_, text) => text)} closed`)
    case 'accept-failed':
      return paint('red', `could not accept a connection: ${event.error.message}`)
  }
}

const tag = (connection: number, paint: Paint): string => paint('dim', `#${connection}`.padEnd(5))

const told = ({ outcome, state }: Told, paint: Paint): string => {
  const who = state !== null && 'id' in state && state.id !== null ? `client ${state.id}: ` : ''
  switch (outcome.kind) {
    case 'accepted':
      return accepted(outcome.content, who, paint)
    case 'rejected': {
      const what = outcome.frame === null ? 'an illegal length' : `a frame of ${outcome.frame.length} bytes`
      return `${paint('red', 'rejected   ')} ${who}${what}: ${outcome.reason}`
    }
    case 'ended':
      return `${paint('yellow', 'TERMINATED ')} ${who}${ENDED[outcome.by]}`
  }
}

const accepted = (content: Content, who: string, paint: Paint): string => {
  switch (content.kind) {
    case 'hello':
      return `${paint('cyan', 'ACTIVE     ')} ${who}unconfirmed, says ${quote(content.text)}`
    case 'data': {
      const { round, values, answer } = content
      const confirmed = round === 1 ? ' (now confirmed)' : ''
      return `${paint('green', 'aggregate  ')} ${who}round ${round}${confirmed}: ${formatValues(values)} -> ${paint('bold', formatAggregate(answer))}`
    }
    case 'challenge':
    case 'aggregate':
    case 'desync':
    case 'terminate':
      return `${content.kind.toUpperCase().padEnd(11)} ${who}accepted`
  }
}

const ENDED: Readonly<Record<EndReason, string>> = {
  'rejected-frame': 'a frame was rejected',
  peer: 'the client said goodbye',
  timeout: 'nothing came in time',
  superseded: 'a newer session of the same client is confirmed',
  displaced: 'gave way at a limit',
  'send-failed': 'the answer could not be handed over',
  'rounds-exhausted': 'the last round has no successor',
  finished: 'the server stops',
  closed: 'the connection ended',
}
