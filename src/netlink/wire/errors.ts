import { NetreconError } from '../../model/errors.ts';
import { ERRNO, errnoName } from './errno.ts';

/**
 * The transport failed: what was asked of the kernel was not answered, or could not be asked. A refusal of an operation is
 * no NetlinkError but a result (model/op.ts KernelRefusal).
 *
 * | code | meaning |
 * |---|---|
 * | NR_NO_NAMESPACE | the network namespace does not exist, or the path is none |
 * | NR_NO_PRIVILEGE | the kernel refused with EPERM or EACCES |
 * | NR_TIMEOUT | no reply within the time given |
 * | NR_ACK_LOST | the receive buffer overran: operations were carried out, their acknowledgements are lost |
 * | NR_OVERRUN | a socket's receive buffer overran (ENOBUFS); what it held is still there, what came later is lost |
 * | NR_TRUNCATED | a datagram was larger than the receive buffer (MSG_TRUNC) |
 * | NR_DUMP_REFUSED | the kernel refused a dump |
 * | NR_SYSTEM_CALL | any other system call failed |
 */
export type NetlinkErrorCode =
  | 'NR_NO_NAMESPACE'
  | 'NR_NO_PRIVILEGE'
  | 'NR_TIMEOUT'
  | 'NR_ACK_LOST'
  | 'NR_OVERRUN'
  | 'NR_TRUNCATED'
  | 'NR_DUMP_REFUSED'
  | 'NR_SYSTEM_CALL';

export class NetlinkError extends NetreconError {
  /** positive errno, 0 where no system call or reply is behind it */
  readonly errno: number;
  /** `EPERM` ...; '' with errno 0 */
  readonly errnoName: string;

  constructor(
    code: NetlinkErrorCode,
    message: string,
    options: { errno?: number; hint?: string; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.errno = options.errno ?? 0;
    this.errnoName = this.errno === 0 ? '' : errnoName(this.errno);
  }
}

/**
 * A failed system call as an error: `bind netlink socket: EADDRINUSE`.
 * @param what what was being done, for the reader
 * @param errno positive
 */
export const systemCallError = (what: string, errno: number): NetlinkError => {
  const message = `${what}: ${errnoName(errno)}`;
  return errno === ERRNO.EPERM || errno === ERRNO.EACCES
    ? new NetlinkError('NR_NO_PRIVILEGE', message, {
        errno,
        hint: 'run as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN',
      })
    : new NetlinkError('NR_SYSTEM_CALL', message, { errno });
};
