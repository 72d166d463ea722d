#include "plugins/registration/listening_socket.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace rtspproxy::registration {
namespace {

Peer peer_of_ipv6(const char* address) {
    sockaddr_in6 socket_address{};
    socket_address.sin6_family = AF_INET6;
    socket_address.sin6_port = htons(4321);
    inet_pton(AF_INET6, address, &socket_address.sin6_addr);
    return describe_peer(reinterpret_cast<const sockaddr&>(socket_address));
}

TEST(ListenOn, FindsAFreePortForBothFamilies) {
    const auto listening = listen_on({.address = "", .port = 0});
    ASSERT_TRUE(listening) << listening.error().message;
    EXPECT_NE(listening->port, 0);
    EXPECT_GE(listening->sockets.size(), 1U);
}

TEST(ListenOn, Ipv6TakesIpv6Only) {
    const auto ipv6 = listen_on({.address = "::", .port = 0});
    if (!ipv6)
        GTEST_SKIP() << "no IPv6: " << ipv6.error().message;
    const auto ipv4 = listen_on({.address = "0.0.0.0", .port = ipv6->port});
    EXPECT_TRUE(ipv4) << ipv4.error().message;
}

TEST(ListenOn, NamesAddressPortAndReason) {
    const auto first = listen_on({.address = "127.0.0.1", .port = 0});
    ASSERT_TRUE(first);
    const auto second = listen_on({.address = "127.0.0.1", .port = first->port});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EADDRINUSE);
    EXPECT_EQ(second.error().message, "Cannot listen on 127.0.0.1 port " +
                                          std::to_string(first->port) + ": Address already in use");
    const auto everywhere = listen_on({.address = "", .port = first->port});
    ASSERT_FALSE(everywhere);
    EXPECT_EQ(everywhere.error().code, EADDRINUSE);
}

TEST(ListenOn, RefusesWhatIsNoNumericOrLocalAddress) {
    for (const char* address : {"localhost.invalid", "256.0.0.1", "127.0.0.1:80"}) {
        const auto listening = listen_on({.address = address, .port = 0});
        ASSERT_FALSE(listening) << address;
        EXPECT_EQ(listening.error().code, EINVAL);
    }
    const auto foreign = listen_on({.address = "192.0.2.1", .port = 0});
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, EADDRNOTAVAIL);
}

TEST(DescribePeer, KnowsIpv4) {
    sockaddr_in socket_address{};
    socket_address.sin_family = AF_INET;
    socket_address.sin_port = htons(1234);
    inet_pton(AF_INET, "192.0.2.9", &socket_address.sin_addr);
    const Peer peer = describe_peer(reinterpret_cast<const sockaddr&>(socket_address));
    EXPECT_EQ(peer.address, "192.0.2.9");
    EXPECT_EQ(peer.port, 1234);
    EXPECT_EQ(peer.limit_key, "192.0.2.9");
}

TEST(DescribePeer, LimitsIpv6ByNetworkUnlessLinkLocal) {
    EXPECT_EQ(peer_of_ipv6("2001:db8:1:2:3:4:5:6").address, "2001:db8:1:2:3:4:5:6");
    EXPECT_EQ(peer_of_ipv6("2001:db8:1:2:3:4:5:6").limit_key, "2001:db8:1:2::/64");
    EXPECT_EQ(peer_of_ipv6("2001:db8:1:2::7").limit_key, "2001:db8:1:2::/64");
    EXPECT_EQ(peer_of_ipv6("fe80::1").limit_key, "fe80::1");
    EXPECT_EQ(peer_of_ipv6("::1").limit_key, "::1");
    EXPECT_EQ(peer_of_ipv6("::1").port, 4321);
}

} // namespace
} // namespace rtspproxy::registration
