/** What an implementation has to offer so that corpus/vectors can be played against it. */
import type { Mode, Side } from '../../../spec/language.ts'
import type { StateJson } from './format.ts'

/** What one endpoint can do to the outside. */
export interface Port {
  send(frame: Uint8Array): boolean
  random(bytes: number): Uint8Array
  /** `text`: of an accepted HELLO or CHALLENGE, where the implementation tells. */
  said(outcome: string, text?: string): void
  ended(): void
}

/** One end of a session, from its start to its end. Bytes are those of the TCP stream, prefix included. */
export interface Endpoint {
  receive(stream: Uint8Array): void
  state(): StateJson | null // null: no session
  continueIn(round: number): void
}

export interface ClientEnd extends Endpoint {
  start(): void // sends the HELLO
  submit(values: readonly number[]): void
  finish(): void
}

export interface Subject {
  client(mode: Mode, id: number, master: Uint8Array, text: Uint8Array, port: Port): ClientEnd
  /** `text`: of every CHALLENGE; null: fresh. The result opens a connection. */
  server(mode: Mode, keyring: ReadonlyMap<number, Uint8Array>, text: Uint8Array | null): (port: Port) => Endpoint
}

export const endName = (side: Side, session: number): string => `${side} ${session}`
