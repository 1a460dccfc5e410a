/*
 * What a plain C program takes for the routes of a list: one RTM_NEWROUTE a line, in the order of the file, 64 KiB of
 * messages a send, an acknowledgement asked for on each and waited for. No plan, no record, no look at the outcome.
 *
 * Usage: send-routes LIST GATEWAY LINK PROTOCOL add|replace
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEND_BYTES = 64 * 1024, RECEIVE_BUFFER = 4 * 1024 * 1024, SLOTS = 1024, SLOT_BYTES = 128 };

/* Every part is a multiple of four bytes, so the kernel reads it as it stands. */
struct route_message {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr to_head;
	struct in_addr to;
	struct rtattr link_head;
	int link;
	struct rtattr gateway_head;
	struct in_addr gateway;
};

static void fail(const char *what)
{
	fprintf(stderr, "send-routes: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_route_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int bytes = RECEIVE_BUFFER;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	if (fd < 0)
		fail("socket");
	/* the answers to everything in flight have to fit, or some are lost */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		fail("SO_RCVBUFFORCE");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		fail("SO_SNDBUFFORCE");
	if (connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		fail("connect");
	return fd;
}

/* Waits for so many acknowledgements, and ends the program at the first refusal. */
static void drain(int fd, unsigned int count)
{
	static char slots[SLOTS][SLOT_BYTES];
	static struct iovec vectors[SLOTS];
	static struct mmsghdr messages[SLOTS];

	for (int i = 0; i < SLOTS; i++) {
		vectors[i] = (struct iovec){ .iov_base = slots[i], .iov_len = SLOT_BYTES };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
	while (count > 0) {
		int received = recvmmsg(fd, messages, SLOTS, MSG_WAITFORONE, NULL);

		if (received < 0)
			fail("recvmmsg");
		for (int i = 0; i < received; i++) {
			const struct nlmsghdr *header = (const struct nlmsghdr *)slots[i];
			const struct nlmsgerr *answer = NLMSG_DATA(header);

			if (header->nlmsg_type != NLMSG_ERROR)
				continue;
			if (answer->error != 0) {
				errno = -answer->error;
				fail("the kernel refuses a route");
			}
			count--;
		}
	}
}

static struct rtattr attribute(unsigned short type)
{
	return (struct rtattr){ .rta_len = RTA_LENGTH(4), .rta_type = type };
}

int main(int argc, char **argv)
{
	static struct route_message batch[SEND_BYTES / sizeof(struct route_message)];
	const unsigned int most = sizeof(batch) / sizeof(batch[0]);
	struct route_message pattern = {
		.header = { .nlmsg_len = sizeof(pattern), .nlmsg_type = RTM_NEWROUTE },
		.route = { .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST },
		.to_head = attribute(RTA_DST),
		.link_head = attribute(RTA_OIF),
		.gateway_head = attribute(RTA_GATEWAY),
	};
	unsigned int count = 0;
	char line[64];
	FILE *list;
	int fd;

	if (argc != 6) {
		fputs("usage: send-routes LIST GATEWAY LINK PROTOCOL add|replace\n", stderr);
		return 2;
	}
	pattern.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
				     (strcmp(argv[5], "replace") == 0 ? NLM_F_REPLACE : NLM_F_EXCL);
	pattern.route.rtm_protocol = (unsigned char)atoi(argv[4]);
	pattern.link = (int)if_nametoindex(argv[3]);
	if (pattern.link == 0)
		fail(argv[3]);
	if (inet_pton(AF_INET, argv[2], &pattern.gateway) != 1)
		fail(argv[2]);
	list = fopen(argv[1], "r");
	if (list == NULL)
		fail(argv[1]);
	fd = open_route_socket();
	while (fgets(line, sizeof(line), list) != NULL) {
		struct route_message *message = &batch[count];
		char *slash = strchr(line, '/');

		if (slash == NULL)
			continue;
		*slash = '\0';
		*message = pattern;
		message->header.nlmsg_seq = ++count;
		message->route.rtm_dst_len = (unsigned char)atoi(slash + 1);
		if (inet_pton(AF_INET, line, &message->to) != 1)
			fail(line);
		if (count < most)
			continue;
		if (send(fd, batch, sizeof(batch), 0) < 0)
			fail("send");
		drain(fd, count);
		count = 0;
	}
	if (count > 0 && send(fd, batch, count * sizeof(pattern), 0) < 0)
		fail("send");
	drain(fd, count);
	fclose(list);
	close(fd);
	return 0;
}
