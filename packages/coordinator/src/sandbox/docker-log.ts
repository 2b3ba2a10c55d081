/**
 * Takes the engine's frames apart: 8 bytes of header (stream, three zeros, length as a big-endian 32-bit number),
 * then that many bytes of output. A last frame that was cut off gives what is there of it.
 * Source: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export function demultiplex(frames: Uint8Array): Uint8Array {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at + 8 <= frames.length; ) {
    const sizeBytes = view.getUint32(at + 4);
    pieces.push(frames.subarray(at + 8, at + 8 + sizeBytes));
    at += 8 + sizeBytes;
  }
  return Buffer.concat(pieces);
}
