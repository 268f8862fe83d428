import { describe, expect, test } from 'vitest';
import { type AddressList, clientNetwork, parseAddressList } from './address-list.ts';

function listOf(...entries: string[]): AddressList {
  const list = parseAddressList(entries);
  if ('odd' in list) throw new Error(`odd: ${list.odd}`);
  return list;
}

describe('address lists', () => {
  test('hold addresses and networks of both families', () => {
    const list = listOf('127.0.0.1', '10.1.0.0/16', '2001:db8::/32', '::1');
    for (const address of [
      '127.0.0.1',
      '10.1.200.3',
      '2001:db8:7::1',
      '::1',
      '::ffff:10.1.0.9',
      '10.1.0.9:80',
    ]) {
      expect(list.includes(address), address).toBe(true);
    }
    for (const address of ['127.0.0.2', '10.2.0.1', '2001:db9::1', '::2', '::ffff:10.2.0.1', '', 'proxy']) {
      expect(list.includes(address), address).toBe(false);
    }
    expect(listOf().isEmpty).toBe(true);
    expect(listOf().includes('127.0.0.1')).toBe(false);
    expect(listOf('0.0.0.0/0').includes('192.0.2.1')).toBe(true);
  });

  test('name what is no address', () => {
    const entries = [
      '10.0.0.1',
      'proxy.local',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '1.2.3',
      '::1/129',
      '10.0.0.0/x',
    ];
    expect(parseAddressList(entries)).toEqual({ odd: entries.slice(1) });
  });
});

describe('one client', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:1:2::99', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['192.0.2.7:52345', '192.0.2.7'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['"[2001:db8:1:2::9]:443"', '2001:db8:1:2::/64'],
    ['[::ffff:192.0.2.7]', '192.0.2.7'],
    ['unknown', 'unknown'],
    ['_hidden-7', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
