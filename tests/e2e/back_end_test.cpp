// The ways to a back end: transports, logins, addresses.
#include "tests/e2e/proxy.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/material.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>

namespace rtspproxy::tests {
namespace {

using Arguments = std::vector<std::string>;

class BackEnd : public WatchedTest {
  protected:
    // That the proxy, started so, delivers what the server sends.
    static void expect_played(TestServer& server, const Arguments& arguments) {
        Proxy proxy(arguments);
        ASSERT_TRUE(proxy.wait_ready());
        RtspPlayer player(proxy.url());
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(player.wait_packets(60));
        const auto difference = find_difference(server.sent("/live"), player.packets());
        EXPECT_FALSE(difference) << *difference;
    }

    static std::string with_scheme(const std::string& scheme, const std::string& url) {
        return scheme + url.substr(url.find(':'));
    }
};

struct TransportCase {
    const char* name;
    // Of the proxy, for the server's URL and port.
    std::function<Arguments(const std::string& url, const std::string& port)> arguments;
    const char* expected;
    MountOptions options = {};
};

void PrintTo(const TransportCase& test, std::ostream* stream) {
    *stream << test.name;
}

class BackEndTransport : public BackEnd, public ::testing::WithParamInterface<TransportCase> {
  protected:
    static Arguments scheme(const std::string& name, const std::string& url) {
        return {with_scheme(name, url)};
    }
};

// A receiver on loopback hears a group only if the machine routes it there. Ends with the test.
class MulticastRoute {
  public:
    explicit MulticastRoute(bool wanted) : wanted_(wanted) {
        if (wanted_) {
            EXPECT_EQ(change("replace"), 0) << "needs root and iproute2";
        }
    }
    ~MulticastRoute() {
        if (wanted_)
            change("del");
    }
    MulticastRoute(const MulticastRoute&) = delete;
    MulticastRoute& operator=(const MulticastRoute&) = delete;

  private:
    static int change(const std::string& how) {
        return std::system(("ip route " + how + " 239.255.7.0/24 dev lo").c_str());
    }
    bool wanted_;
};

TEST_P(BackEndTransport, IsTheOneAskedFor) {
    const MulticastRoute route(GetParam().options.multicast);
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), GetParam().options);
    expect_played(server, GetParam().arguments(server.url("/live"), std::to_string(server.port())));
    EXPECT_EQ(server.counts().transports, std::vector<std::string>{GetParam().expected});
}

const TransportCase kTransports[] = {
    {"Default", [](const auto& url, const auto&) { return Arguments{url}; }, "UDP"},
    {"Strict",
     [](const auto& url, const auto&) {
         return Arguments{"--strict-transport", url};
     },
     "UDP"},
    {"Tcp",
     [](const auto& url, const auto&) {
         return Arguments{"-t", url};
     },
     "TCP"},
    {"TcpLong",
     [](const auto& url, const auto&) {
         return Arguments{"--tcp", url};
     },
     "TCP"},
    {"Tunnel",
     [](const auto& url, const auto& port) {
         return Arguments{"-T", port, url};
     },
     "HTTP"},
    {"TunnelLong",
     [](const auto& url, const auto& port) {
         return Arguments{"--http-tunnel", port, url};
     },
     "HTTP"},
    // The tunnel's port counts, whatever the URL says.
    {"TunnelPort",
     [](const auto&, const auto& port) {
         return Arguments{"-T", port, "rtsp://127.0.0.1/live"};
     },
     "HTTP"},
    {"UrlTcp", [](const auto& url, const auto&) { return Arguments{"rtspt" + url.substr(4)}; },
     "TCP"},
    {"UrlUdp", [](const auto& url, const auto&) { return Arguments{"rtspu" + url.substr(4)}; },
     "UDP"},
    {"UrlTunnel", [](const auto& url, const auto&) { return Arguments{"rtsph" + url.substr(4)}; },
     "HTTP"},
    {"Multicast", [](const auto& url, const auto&) { return Arguments{url}; }, "UDP_MCAST",
     MountOptions{.multicast = true}},
};

INSTANTIATE_TEST_SUITE_P(, BackEndTransport, ::testing::ValuesIn(kTransports),
                         [](const auto& test) { return std::string(test.param.name); });

class FallBack : public BackEnd {};

TEST_F(FallBack, FromUdpToTcpWhenNothingArrives) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.udp_black_hole = true});
    Proxy proxy({"--connect-timeout", "1", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(60));
    const auto difference = find_difference(server.sent("/live"), player.packets());
    EXPECT_FALSE(difference) << *difference;
    EXPECT_EQ(server.counts().transports, (std::vector<std::string>{"UDP", "TCP"}));
    const std::string said = proxy.process().err();
    EXPECT_NE(said.find("UDP"), std::string::npos);
    EXPECT_NE(said.find("TCP"), std::string::npos);
}

TEST_F(FallBack, IsRememberedForTheMount) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.udp_black_hole = true});
    Proxy proxy({"--connect-timeout", "1", "--idle-timeout", "1", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    for (int round = 0; round < 2; ++round) {
        RtspPlayer player(proxy.url());
        ASSERT_TRUE(player.play().has_value());
        ASSERT_TRUE(player.wait_packets(30));
        EXPECT_TRUE(player.teardown().has_value());
        ASSERT_TRUE(eventually([&] { return server.sessions_now() == 0; }));
    }
    EXPECT_EQ(server.counts().transports, (std::vector<std::string>{"UDP", "TCP", "TCP"}));
}

TEST_F(FallBack, IsForbiddenByStrictTransport) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.udp_black_hole = true});
    Proxy proxy({"--strict-transport", "--connect-timeout", "1", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(eventually([&] { return server.counts().transports.size() >= 3; }));
    for (const auto& transport : server.counts().transports)
        EXPECT_EQ(transport, "UDP");
    EXPECT_EQ(player.count(), 0U);
}

struct LoginCase {
    const char* name;
    std::string password;
    // Of the proxy, for the URL with "USER:PASSWORD@" or without.
    std::function<Arguments(const TestServer& server)> arguments;
};

void PrintTo(const LoginCase& test, std::ostream* stream) {
    *stream << test.name;
}

class BackEndLogin : public BackEnd,
                     public ::testing::WithParamInterface<std::tuple<LoginCase, bool>> {};

TEST_P(BackEndLogin, IsGiven) {
    const auto& [login, digest] = GetParam();
    TestServer server({.user = "jane", .password = login.password, .digest = digest});
    server.mount("/live", launch_line(private_track(0)));
    expect_played(server, login.arguments(server));
}

const LoginCase kLogins[] = {
    {"InTheUrl", "secret",
     [](const auto& server) { return Arguments{server.url("/live", "jane:secret@")}; }},
    {"ByOption", "secret",
     [](const auto& server) {
         return Arguments{"-u", "jane", "secret", server.url("/live")};
     }},
    {"OverTcp", "secret",
     [](const auto& server) {
         return Arguments{"-t", "--user", "jane", "secret", server.url("/live")};
     }},
    {"ThroughTheTunnel", "secret",
     [](const auto& server) {
         return Arguments{"-T", std::to_string(server.port()), server.url("/live", "jane:secret@")};
     }},
    {"UrlBeforeOption", "secret",
     [](const auto& server) {
         return Arguments{"-u", "john", "wrong", server.url("/live", "jane:secret@")};
     }},
    {"WithReservedCharacters", "p@ss:w/rd? #%",
     [](const auto& server) {
         return Arguments{server.url("/live", "jane:p%40ss%3Aw%2Frd%3F%20%23%25@")};
     }},
    {"WithReservedCharactersByOption", "p@ss:w/rd? #%",
     [](const auto& server) {
         return Arguments{"-u", "jane", "p@ss:w/rd? #%", server.url("/live")};
     }},
    {"EmptyInTheUrl", "",
     [](const auto& server) { return Arguments{server.url("/live", "jane:@")}; }},
    {"EmptyByOption", "",
     [](const auto& server) {
         return Arguments{"-u", "jane", "", server.url("/live")};
     }},
};

INSTANTIATE_TEST_SUITE_P(, BackEndLogin,
                         ::testing::Combine(::testing::ValuesIn(kLogins), ::testing::Bool()),
                         [](const auto& test) {
                             return std::string(std::get<0>(test.param).name) +
                                    (std::get<1>(test.param) ? "_Digest" : "_Basic");
                         });

TEST_F(BackEnd, SaysThatALoginIsWrong) {
    TestServer server({.user = "jane", .password = "secret"});
    server.mount("/live", launch_line(private_track(0)));
    Proxy proxy({"-u", "jane", "hunter2", server.url("/live")});
    ASSERT_TRUE(proxy.wait_status(503));
    EXPECT_TRUE(eventually([&] {
        const auto said = proxy.process().err();
        return said.find("401") != std::string::npos || said.find("nauthor") != std::string::npos;
    }));
    EXPECT_EQ(proxy.process().err().find("hunter2"), std::string::npos);
    const auto response = rtsp_request("DESCRIBE", proxy.url());
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 503);
}

struct AddressCase {
    const char* name;
    const char* server;
    const char* in_url;
    bool tcp;
};

class BackEndAddress : public BackEnd, public ::testing::WithParamInterface<AddressCase> {};

TEST_P(BackEndAddress, IsReached) {
    TestServer server({.address = GetParam().server});
    server.mount("/live", launch_line(private_track(0)));
    Arguments arguments{server.url("/live", "", GetParam().in_url)};
    if (GetParam().tcp)
        arguments.insert(arguments.begin(), "-t");
    expect_played(server, arguments);
}

INSTANTIATE_TEST_SUITE_P(, BackEndAddress,
                         ::testing::Values(AddressCase{"Ipv6_udp", "::1", "::1", false},
                                           AddressCase{"Ipv6_tcp", "::1", "::1", true},
                                           AddressCase{"Name_udp", "127.0.0.1", "localhost", false},
                                           AddressCase{"Name_tcp", "127.0.0.1", "localhost", true}),
                         [](const auto& test) { return std::string(test.param.name); });

class BackEndReports : public BackEnd, public ::testing::WithParamInterface<const char*> {};

// The proxy takes most packets past its RTP session, and yet the session goes on to report.
TEST_P(BackEndReports, GoOnAndTellOfNoLoss) {
    TestServer server;
    server.mount("/live", launch_line(h264_track(0), aac_track(1)));
    Proxy proxy({with_scheme(GetParam(), server.url("/live"))});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play());
    // One every five seconds, a track.
    EXPECT_TRUE(eventually([&] { return server.reports().size() >= 6; }, 25s));
    for (const ReceiverReport& report : server.reports()) {
        EXPECT_EQ(report.fraction_lost, 0U);
        EXPECT_LE(report.packets_lost, 0); // GStreamer counts from one too early on
    }
    EXPECT_EQ(server.counts().sessions_ever, 1) << "or a track was taken for gone";
}

INSTANTIATE_TEST_SUITE_P(, BackEndReports, ::testing::Values("rtspt", "rtspu"),
                         [](const auto& test) { return std::string(test.param); });

} // namespace
} // namespace rtspproxy::tests
