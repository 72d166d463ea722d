#include "app/backend/presence/host_addresses.hpp"

#include "tests/unit/backend/presence/main_context.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace rtspproxy::backend::tests {
namespace {

using settings::Transport;
using Time = HostAddresses::Time;

settings::BackendSettings settings_of(const std::string& url,
                                      Transport transport = Transport::Automatic,
                                      std::uint16_t http_port = 0) {
    settings::BackendSettings settings;
    settings.url = url;
    settings.transport = transport;
    settings.http_port = http_port;
    return settings;
}

std::string text_of(const SocketAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.storage.ss_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address.storage);
        inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof text);
        return std::string(text) + " " + std::to_string(ntohs(ipv4.sin_port));
    }
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof text);
    return std::string(text) + " " + std::to_string(ntohs(ipv6.sin6_port));
}

TEST(Endpoint, IsWhatRtspsrcConnectsTo) {
    EXPECT_EQ(endpoint_of(settings_of("rtsp://10.0.0.1/live")), (Endpoint{"10.0.0.1", 554}));
    EXPECT_EQ(endpoint_of(settings_of("rtsp://camera.local:8554/?a=b:1")),
              (Endpoint{"camera.local", 8554}));
    EXPECT_EQ(endpoint_of(settings_of("rtsps://10.0.0.1/live")), (Endpoint{"10.0.0.1", 554}));
    EXPECT_EQ(endpoint_of(settings_of("rtsp://[fe80::1%eth0]:99/")),
              (Endpoint{"fe80::1%eth0", 99}));
}

TEST(Endpoint, OfATunnelIsItsHttpPort) {
    EXPECT_EQ(endpoint_of(settings_of("rtsp://10.0.0.1:554/live", Transport::HttpTunnel, 8080)),
              (Endpoint{"10.0.0.1", 8080}));
    EXPECT_EQ(endpoint_of(settings_of("rtsp://10.0.0.1/live", Transport::Tcp, 8080)),
              (Endpoint{"10.0.0.1", 554}));
}

TEST(HostAddresses, ANumberNeedsNoLookUp) {
    HostAddresses ipv4({"127.0.0.1", 554});
    ASSERT_EQ(ipv4.get(Time{0}).size(), 1U);
    EXPECT_EQ(text_of(ipv4.get(Time{0}).front()), "127.0.0.1 554");
    HostAddresses ipv6({"::1", 8554});
    ASSERT_EQ(ipv6.get(Time{0}).size(), 1U);
    EXPECT_EQ(text_of(ipv6.get(Time{0}).front()), "::1 8554");
}

TEST(HostAddresses, ANameIsLookedUpInTheBackground) {
    HostAddresses addresses({"localhost", 554});
    EXPECT_TRUE(addresses.get(Time{0}).empty());
    ASSERT_TRUE(iterate_until([&] { return !addresses.get(Time{0}).empty(); }));
    for (const auto& address : addresses.get(Time{0})) {
        const std::string text = text_of(address);
        EXPECT_TRUE(text == "127.0.0.1 554" || text == "::1 554") << text;
    }
}

TEST(HostAddresses, AnOldAnswerIsUsedUntilThereIsANewOne) {
    HostAddresses addresses({"localhost", 554});
    ASSERT_TRUE(iterate_until([&] { return !addresses.get(Time{0}).empty(); }));
    EXPECT_FALSE(addresses.get(Time{3'600'000}).empty());
    iterate_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(addresses.get(Time{3'600'000}).empty());
}

// "invalid" is a domain without names (RFC 6761).
TEST(HostAddresses, AnUnknownNameHasNone) {
    HostAddresses addresses({"camera.invalid", 554});
    for (Time time{0}; time < Time{60'000}; time += Time{1000}) {
        EXPECT_TRUE(addresses.get(time).empty());
        g_main_context_iteration(nullptr, FALSE);
    }
}

TEST(HostAddresses, MayGoWhileANameIsLookedUp) {
    for (int i = 0; i < 10; ++i) {
        HostAddresses addresses({"localhost", 554});
        EXPECT_TRUE(addresses.get(Time{0}).empty());
    }
    // What they left running does not keep others from asking.
    HostAddresses another({"localhost", 554});
    EXPECT_TRUE(iterate_until([&] { return !another.get(Time{0}).empty(); }));
}

} // namespace
} // namespace rtspproxy::backend::tests
