#include "plugins/fanout/socket_address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace rtspproxy::fanout::tests {
namespace {

std::string text_of(const SocketAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.is_v4()) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address.raw());
        inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        return text.data() + std::string(":") + std::to_string(ntohs(v4->sin_port));
    }
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.raw());
    inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6->sin6_port));
}
std::string text_of(const char* host, int port) {
    const auto address = SocketAddress::resolve(host, port);
    return address ? text_of(*address) : "none";
}

TEST(SocketAddress, ReadsNumericAddresses) {
    EXPECT_EQ(text_of("192.0.2.1", 5004), "192.0.2.1:5004");
    EXPECT_EQ(text_of("2001:db8::1", 65535), "[2001:db8::1]:65535");
    EXPECT_EQ(SocketAddress::resolve("192.0.2.1", 1)->size(), sizeof(sockaddr_in));
    EXPECT_EQ(SocketAddress::resolve("::1", 1)->size(), sizeof(sockaddr_in6));
}

TEST(SocketAddress, LooksNamesUp) {
    const std::string found = text_of("localhost", 7);
    EXPECT_TRUE(found == "127.0.0.1:7" || found == "[::1]:7") << found;
}

TEST(SocketAddress, RefusesWhatIsNone) {
    EXPECT_EQ(text_of("192.0.2.1", 0), "none");
    EXPECT_EQ(text_of("192.0.2.1", -1), "none");
    EXPECT_EQ(text_of("192.0.2.1", 65536), "none");
    EXPECT_EQ(text_of("no such host", 5004), "none");
    EXPECT_EQ(text_of(nullptr, 5004), "none");
}

TEST(SocketAddress, UnmapsIpv4) {
    EXPECT_EQ(text_of(SocketAddress::resolve("::ffff:192.0.2.1", 5004)->unmapped()),
              "192.0.2.1:5004");
    EXPECT_EQ(text_of(SocketAddress::resolve("2001:db8::1", 5004)->unmapped()),
              "[2001:db8::1]:5004");
    EXPECT_EQ(text_of(SocketAddress::resolve("192.0.2.1", 5004)->unmapped()), "192.0.2.1:5004");
}

} // namespace
} // namespace rtspproxy::fanout::tests
