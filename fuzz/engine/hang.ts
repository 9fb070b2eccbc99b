/** An execution whose loops turned too often (edges.ts). */
export class Hang extends Error {
  override readonly name = 'Hang'
}
