/** What this folder needs of a `net.Socket`, and no more: tests simulate it. */
export interface Socket {
  readonly destroyed: boolean
  readonly writable: boolean // false once sending was shut down or the socket is gone
  readonly writableLength: number // bytes taken over and not yet given to the system
  write(bytes: Uint8Array): boolean
  /** Shuts down sending after what is queued. */
  end(): unknown
  destroy(): unknown
  pause(): unknown
  resume(): unknown
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end' | 'close', listener: () => void): unknown
}
