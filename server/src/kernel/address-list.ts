import { BlockList, isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** What proxies write that name the port too; IPv6 is in brackets then. */
const WITH_PORT = /^"?(?:([\d.]+)|\[([^\]]+)\])(?::\d{1,5})?"?$/;

/** The address alone; IPv4 as itself, also where a socket shows it as IPv6. */
function plainAddress(given: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(given) ?? [];
  const address = ipv4 ?? ipv6 ?? given;
  return MAPPED.exec(address)?.[1] ?? address;
}

/** A set of addresses and networks; `parseAddressList` makes one of text. */
export class AddressList {
  readonly isEmpty: boolean;
  readonly #networks: BlockList;

  constructor(networks: BlockList = new BlockList()) {
    this.#networks = networks;
    this.isEmpty = networks.rules.length === 0;
  }

  includes(given: string): boolean {
    const address = plainAddress(given);
    return isIP(address) !== 0 && this.#networks.check(address, family(address));
  }
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

/** The entry as a network; `undefined` when it is neither an address nor a network in CIDR notation. */
function parseEntry(entry: string): { address: string; bits: number } | undefined {
  const [address = '', prefix, ...rest] = entry.split('/');
  const widest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const bits = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  return widest > 0 && rest.length === 0 && bits >= 0 && bits <= widest ? { address, bits } : undefined;
}

/** The list, or the entries that are no addresses. */
export function parseAddressList(entries: readonly string[]): AddressList | { readonly odd: string[] } {
  const list = new BlockList();
  const odd: string[] = [];
  for (const entry of entries) {
    const network = parseEntry(entry);
    if (network) list.addSubnet(network.address, network.bits, family(network.address));
    else odd.push(entry);
  }
  return odd.length > 0 ? { odd } : new AddressList(list);
}

/**
 * What counts as one client: an IPv4 address, or the /64 network that an IPv6 customer gets. Whatever is no address
 * is one client too: else a proxy that lets such texts through would make each of them another.
 */
export function clientNetwork(given: string): string {
  const address = plainAddress(given).split('%', 1)[0] ?? '';
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : 'unknown';
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups; it never reaches into the first four.
  const given16 = left.length + right.length + (right.at(-1)?.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - given16)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
