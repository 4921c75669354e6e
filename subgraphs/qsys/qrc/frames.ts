/** Raised when a frame grows past the limit; the connection can't be read any further. */
export class FrameTooLargeError extends Error {
  readonly code = 'FRAME_TOO_LARGE';
  constructor(limitBytes: number) {
    super(`The Core sent a message larger than ${limitBytes} bytes`);
  }
}

/** Cuts a stream of bytes at its NULs, and keeps no more than one unfinished frame within the limit. */
export class NulFrames {
  readonly #limitBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The frames that this chunk ends, without their NUL. @throws FrameTooLargeError, after which it is of no more use */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      this.#keep(chunk.subarray(start, end));
      frames.push(this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts));
      this.#parts = [];
      this.#length = 0;
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return frames;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#limitBytes) {
      this.#parts = [];
      throw new FrameTooLargeError(this.#limitBytes);
    }
    if (part.length > 0) this.#parts.push(part);
  }
}
