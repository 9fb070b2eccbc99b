/** The same server without a protocol: sockets, channels and reassembly of src/net, every frame sent back as it is. */
import { createServer } from 'node:net'
import { frame } from '../../../src/index.ts'
import { Channel, CLOSING_MS, Turns } from '../../../src/net/index.ts'

/** Resolves with the port. */
export const listenEcho = (host: string): Promise<number> => {
  const turns = new Turns()
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const stream = new frame.Reassembler()
    const heard = {
      received: (bytes: Uint8Array) => stream.push(bytes, (whole) => whole !== null && channel.send(whole)),
      lost: () => {},
      closed: () => {},
    }
    const channel: Channel = new Channel(socket, heard, CLOSING_MS, turns)
  })
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, host, () => {
      const address = listener.address()
      resolve(typeof address === 'object' ? address!.port : 0)
    })
  })
}
