import { connect, type Socket } from 'node:net';
import { FrameReader } from '../../../src/adapters/transport/frame-reader.ts';
import { PieceReader, unitKinds } from '../../../src/adapters/transport/tcp/ordered-lane.ts';

/** One unit of the stream with its length before it. */
export const unit = (...bytes: readonly number[]): Uint8Array => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(bytes.length);
  return new Uint8Array(Buffer.concat([prefix, Uint8Array.from(bytes)]));
};

export const confirmation = (bytes: number): Uint8Array =>
  unit(unitKinds.confirmation, bytes >>> 24, (bytes >> 16) & 255, (bytes >> 8) & 255, bytes & 255);

/** The other side of a connection, played by hand. */
export class LaneClient {
  readonly socket: Socket;
  /** What arrived, in order: whole frames, and those that pieces made up. */
  readonly frames: Uint8Array[] = [];
  pieceBytes = 0;
  /** Whether it confirms what it takes. */
  confirms: boolean;

  constructor(port: number, confirms = true) {
    this.confirms = confirms;
    this.socket = connect(port, '127.0.0.1').on('error', () => {});
    // Whoever has said nothing may not confirm.
    this.socket.write(unit(0x90));
    const reader = new FrameReader(64 * 1024 * 1024);
    const pieces = new PieceReader(64 * 1024 * 1024, (bytes) => {
      if (this.confirms) this.socket.write(confirmation(bytes));
    });
    this.socket.on('data', (chunk) => {
      reader.push(chunk, (each) => {
        if (each[0]! > unitKinds.lastPiece) {
          this.frames.push(each);
          return;
        }
        this.pieceBytes += each.length - 1;
        const frame = pieces.push(each.subarray(1), each[0] === unitKinds.lastPiece);
        if (typeof frame === 'object' && frame !== null) this.frames.push(frame);
      });
    });
  }
}
