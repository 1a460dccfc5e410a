import fc from 'fast-check';
import { type Encap, SEG6_ACTIONS, SEG6_MODES } from '../../src/model/encap.ts';
import { formatAddress } from '../../src/model/ip.ts';

const inet = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => formatAddress(bytes));
const inet6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => formatAddress(bytes));
const told = (address: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  address.filter((text) => text !== '0.0.0.0' && text !== '::');
const octet = fc.integer({ min: 1, max: 255 });
const yes = fc.constant(true as const);
const segs = fc.array(inet6, { minLength: 1, maxLength: 4 });
const table = fc.integer({ min: 1, max: 0xffffffff });

const optional = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const flags = { key: yes, csum: yes, seq: yes };
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** What each action of seg6local cannot do without. */
const actionOn = (dev: fc.Arbitrary<string>): fc.Arbitrary<object> =>
  fc.constantFrom(...SEG6_ACTIONS).chain((name) => {
    const needs: Readonly<Record<string, fc.Arbitrary<object>>> = {
      End: fc.constant({}),
      'End.X': fc.record({ nh6: told(inet6) }),
      'End.T': fc.record({ table }),
      'End.DX2': fc.record({ oif: dev }),
      'End.DX6': fc.record({ nh6: told(inet6) }),
      'End.DX4': fc.record({ nh4: told(inet) }),
      'End.DT6': fc.oneof(fc.record({ table }), fc.record({ vrftable: table })),
      'End.DT4': fc.record({ vrftable: table }),
      'End.DT46': fc.record({ vrftable: table }),
      'End.B6': fc.record({ segs }),
      'End.B6.Encaps': fc.record({ segs }),
    };
    return (needs[name] ?? fc.constant(undefined)).map((rest) =>
      rest === undefined ? { action: 'End' } : { action: name, ...rest },
    );
  });

/** Every encapsulation that the model has words for. */
export const encapOn = (dev: fc.Arbitrary<string>): fc.Arbitrary<Encap> =>
  fc.oneof(
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 1_048_575 }), { minLength: 1, maxLength: 4 }),
        optional({ ttl: fc.nat(255) }),
      )
      .map(([labels, rest]) => ({ type: 'mpls' as const, labels, ...rest })),
    fc
      .tuple(told(inet), optional({ id, src: told(inet), tos: octet, ttl: octet, ...flags }))
      .map(([dst, rest]) => ({ type: 'ip' as const, dst, ...rest })),
    fc
      .tuple(told(inet6), optional({ id, src: told(inet6), tc: octet, hoplimit: octet, ...flags }))
      .map(([dst, rest]) => ({ type: 'ip6' as const, dst, ...rest })),
    fc
      .record({ type: fc.constant('seg6' as const), mode: fc.constantFrom(...SEG6_MODES), segs })
      .map((seg6) => ({ ...seg6 })),
    actionOn(dev).map((rest) => ({ type: 'seg6local' as const, ...rest }) as Encap),
  );
