/** struct ifreq: the name of a link, and a union. @see netdevice(7) */
const LENGTH = 40;

/** Where the union begins, and so the most that a name may have, with the octet 0 that ends it. */
export const IFREQ_VALUE = 16;

/** @param name - of at most 15 octets in UTF-8 */
export const ifreqOf = (name: string): Buffer => {
  const request = Buffer.alloc(LENGTH);
  request.write(name, 0, IFREQ_VALUE - 1);
  return request;
};
