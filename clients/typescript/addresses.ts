/** The routers that a client may ask, and which of them it asks at present. */
export class Addresses {
  readonly #urls: readonly string[];
  #index = 0;

  /**
   * @param urls http(s) addresses of GraphQL; in a browser also relative to the page
   * @throws TypeError when there is none, or one is no http(s) address
   */
  constructor(urls: readonly string[]) {
    const { location } = globalThis as { location?: { href: string } };
    this.#urls = urls.map((url) => {
      const parsed = URL.canParse(url, location?.href) ? new URL(url, location?.href) : null;
      if (parsed === null || !/^https?:$/.test(parsed.protocol))
        throw new TypeError(`url must be an http or https address, and is "${url}"`);
      return parsed.href;
    });
    if (this.#urls.length === 0) throw new TypeError('url or urls must name at least one address');
  }

  get current(): string {
    return this.#urls[this.#index] ?? '';
  }

  /** Goes to the next address; does nothing when another caller has left `url` already. */
  leave(url: string): void {
    if (url === this.current) this.#index = (this.#index + 1) % this.#urls.length;
  }
}
