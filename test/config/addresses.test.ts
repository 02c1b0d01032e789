import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hasUnencodedPassword, withoutPasswords } from '../../config/addresses.ts';
import { ConfigError, loadConfig, redactor } from '../../config/index.ts';
import { environmentName, keyNames, keys } from '../../config/keys.ts';
import { secretsOf } from '../../config/secrets.ts';

const SCHEMES = ['http', 'https', 'postgres', 'redis'];
/** Whatever setting holds an address, by what its schema takes: a new one is tried here by itself. */
const addresses = keyNames.flatMap((name) => {
  const takes = (text: string): boolean => keys[name].schema.safeParse(text).success;
  const scheme = takes('no address') ? undefined : SCHEMES.find((each) => takes(`${each}://host`));
  return scheme === undefined ? [] : [{ name, scheme }];
});

const ODD = [
  'PART@secretpart#x',
  'PART@secretpart',
  'PART#secretpart',
  'PART/secretpart',
  'PART?secretpart',
  'PART%zsecretpart',
  'PART secretpart',
];

it('are found among the settings', () => {
  expect(addresses.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'databaseUrl',
      'redisUrl',
      'publicUrl',
      'hfEndpoint',
      's3Endpoint',
      'otelExporterOtlpEndpoint',
    ]),
  );
});

describe.each(addresses)('the password in $name', ({ name, scheme }) => {
  const load = (address: string): unknown => {
    try {
      return loadConfig({ [environmentName(name)]: address }, tmpdir());
    } catch (error) {
      return error;
    }
  };

  it.each(ODD)('is to be encoded, and not shown, where it is %s', (password) => {
    const error = load(`${scheme}://ann:${password}@host/base`);
    expect(error).toBeInstanceOf(ConfigError);
    const line = String(error);
    expect(line).toContain('percent-encode it');
    expect(line).toContain(environmentName(name));
    expect(line).not.toMatch(/PART|secretpart/);
  });

  it('is shown by no error and no log, wherever a library names it', () => {
    const address = `${scheme}://ann:PART%40secretpart@host/base`;
    const redact = redactor(secretsOf({ [name]: address }));
    for (const told of [
      address,
      `connect to "${address}": PART@secretpart`,
      'ENOTFOUND PART%40secretpart',
      `${address}/v1`,
    ]) {
      expect(redact(told)).not.toMatch(/PART|secretpart/);
    }
    expect(redactor([])(`a hub at ${address} says no`)).not.toMatch(/PART|secretpart/);
    expect(String(load(`nonsense://ann:PARTsecretpart@host`))).not.toMatch(/PART|secretpart/);
  });
});

it.each([
  ['https://ann:x@host/a@b', 'https://ann:[secret]@b'],
  ['redis://:a@b#c@host', 'redis://:[secret]@host'],
  ['http://127.0.0.1:3000/@me and a@b', 'http://127.0.0.1:3000/@me and a@b'],
  ['https://host/a:b', 'https://host/a:b'],
])('%s is told as %s', (text, told) => {
  expect(withoutPasswords(text)).toBe(told);
});

it.each([
  'postgres://ann:p%40ss@host:5432/db?application_name=a@b',
  'postgres://ann:a:b@host/db',
  'redis://host',
  'redis://:word@host:6379/1',
  'http://localhost:3000/@me',
  'https://host/@scope',
])('%s is as it should be', (address) => {
  expect(hasUnencodedPassword(address)).toBe(false);
});
