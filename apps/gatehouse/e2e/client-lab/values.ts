/** What a replayed client knows by now, by the name under which fixtures speak of it. */
export class Values {
  private readonly known = new Map<string, string>();

  set(name: string, value: unknown): void {
    if (Array.isArray(value)) this.known.set(name, value.join(' '));
    else if (typeof value === 'string') this.known.set(name, value);
  }

  setAll(prefix: string, members: object): void {
    for (const [name, value] of Object.entries(members)) this.set(`${prefix}${name}`, value);
  }

  /** @throws Error if nothing was learned under that name */
  get(name: string): string {
    const value = this.known.get(name);
    if (value === undefined)
      throw new Error(`nothing is known as {${name}}, only ${[...this.known.keys()].join(', ')}`);
    return value;
  }

  /** Puts what is known into the places held for it, however deep. */
  fill<T>(template: T): T {
    if (typeof template === 'string')
      return template.replace(/\{([a-z_.]+)\}/g, (_, name: string) => this.get(name)) as T;
    if (Array.isArray(template)) return template.map((item: unknown) => this.fill(item)) as T;
    if (typeof template !== 'object' || template === null) return template;
    return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, this.fill(value)])) as T;
  }
}
